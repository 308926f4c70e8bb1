import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../src/fault.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { type Path, settingsWith, VALUES } from './values.ts';

/** Where the settings are refused for that value; the messages are in bad-settings.ts. */
const refusedAt = (path: Path, value: unknown): string | undefined => {
  try {
    checkSettings(settingsWith(path, value), 'f', '/');
    return undefined;
  } catch (error) {
    return (error as Fault).message.replace(/^f: |: (?:found|missing).*$/g, '');
  }
};

/** `jobs[0].to[0].create` */
const written = (path: Path) =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i ? '.' : ''}${key}`)).join('');

describe.each(VALUES.map(([path, ...rest]) => [written(path), path, ...rest] as const))(
  '%s',
  (at, path, good, bad) => {
    test.each(good.map((value) => [value]))('may be %j', (value) => {
      expect(refusedAt(path, value)).toBeUndefined();
    });

    test.each(bad.map((value) => [value]))('must not be %j', (value) => {
      expect(refusedAt(path, value)).toBe(at);
    });
  },
);
