import { describe, test } from 'vitest';
import { type Requirement, reasonToSkip } from './part-names.ts';

/** True where a missing part is a failure, not an excuse. */
export const inCi = (): boolean => !['', '0', 'false'].includes(process.env.CI ?? '');

/** A suite's title as the reporter reads it: `[moto] [aws] lists records`. */
const tagged = (parts: readonly Requirement[], title: string): string =>
  [...parts.map((part) => `[${part}]`), title].join(' ');

/**
 * A suite that runs on these real parts. Where one is missing, the suite is skipped and a line says
 * how to get it; in CI it fails instead.
 */
export function describeWith(
  parts: Requirement | readonly Requirement[],
  title: string,
  body: () => void,
): void {
  const wanted = [parts].flat();
  const name = tagged(wanted, title);
  const why = reasonToSkip(wanted);
  if (!why) {
    describe(name, body);
    return;
  }
  if (inCi()) {
    describe(name, () => {
      test('finds its real parts', () => {
        throw new Error(why);
      });
    });
    return;
  }
  console.warn(`skipped: ${name}; ${why}`);
  describe.skip(name, body);
}
