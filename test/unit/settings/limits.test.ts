import { expect, test } from 'vitest';
import { isTooMuch } from '../../../src/settings/limits.ts';

const nested = (levels: number): unknown => (levels === 0 ? 'x' : [nested(levels - 1)]);
const values = (count: number) => Array(count).fill('x');

test.each([
  ['200,000 values', false, values(199_999)],
  ['one value more', true, values(200_000)],
  ['too many values over several levels', true, [...values(100_000), values(100_000)]],
  ['100 levels', false, nested(100)],
  ['one level more', true, nested(101)],
])('%s are too many: %s', (_, is, raw) => {
  expect(isTooMuch(raw)).toBe(is);
});

test('what comes after too many values is not looked at', () => {
  const after = {
    get labels(): never {
      throw new Error('looked at');
    },
  };
  expect(isTooMuch([values(200_001), after])).toBe(true);
});
