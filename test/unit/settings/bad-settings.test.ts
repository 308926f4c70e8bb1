import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { YAMLException } from 'js-yaml';
import { expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import { parseSettings } from '../../../src/settings/parse.ts';
import { badSettings } from './bad-settings.ts';

const folder = join(import.meta.dirname, 'fixtures');

const faultOf = (file: string): Fault => {
  try {
    parseSettings(readFileSync(join(folder, file), 'utf8'), file, '/etc/federation-sync');
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error(`${file} was accepted`);
};

test('every fixture has its message, every message its fixture', () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(badSettings)
      .map((name) => `${name}.bad.yml`)
      .sort(),
  );
});

test.each(Object.entries(badSettings))('%s', (name, lines) => {
  const fault = faultOf(`${name}.bad.yml`);
  expect(fault).toMatchObject({ code: 'settings-invalid', retryable: false });
  const said = fault.details.length > 0 ? fault.details : [fault.message];
  expect(said).toEqual(lines.map((line) => `${name}.bad.yml: ${line}`));
  expect(fault.message).toBe(said.join('; '));
});

test("what the parser of YAML threw stays the fault's cause", () => {
  expect(faultOf('not-yaml.bad.yml').cause).toBeInstanceOf(YAMLException);
});
