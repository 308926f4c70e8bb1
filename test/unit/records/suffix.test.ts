import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commonSuffix, rangeOf, suffixOf } from '../../../src/records/suffix.ts';

describe('the suffix that a pattern ends in', () => {
  test.each([
    ['^(?<clusterID>[^.]+)\\.prometheus\\.internal$', 'prometheus.internal'],
    ['\\.prometheus\\.internal\\.?$', 'prometheus.internal'],
    ['\\.prometheus\\.internal\\.$', 'prometheus.internal'],
    ['^prod-.*\\.internal$', 'internal'],
    ['^(?!test)[a-z]+\\.a-b\\.c_d$', 'a-b.c_d'],
    // The name may go on to the left within the first label.
    ['prometheus\\.internal$', 'internal'],
    ['[x\\.]y\\.internal$', 'internal'],
    // A label in capitals matches no name, but what follows it is still certain.
    ['\\.Prometheus\\.internal$', 'internal'],
  ])('%s tells %s', (pattern, suffix) => {
    expect(suffixOf(pattern)).toBe(suffix);
  });

  test.each([
    ['not anchored', '\\.prometheus\\.internal'],
    ['an alternation', '^a\\.internal$|\\.b\\.internal$'],
    ['an alternation in a group', '^(a|b)\\.internal$'],
    ['an optional tail', '^a(\\.internal$)?'],
    ['a dot that is any character', 'prometheus.internal$'],
    ['an escaped backslash before the dot', 'a\\\\.internal$'],
    ['a repeated last letter', '\\.internal+$'],
    ['a dollar sign that is text', '\\.internal\\$'],
    ['a class at the end', '\\.interna[l]$'],
    ['a group at the end', '\\.(internal)$'],
    ['a lookbehind at the end', '^.*(?<=\\.internal)$'],
    ['nothing', ''],
  ])('is unknown with %s: %s', (_, pattern) => {
    expect(suffixOf(pattern)).toBeUndefined();
  });

  test('ends every name that the pattern matches', () => {
    const part = fc.constantFrom(
      ...['^', 'a', 'b', '.', '\\.', '\\.a', '\\.b', '[ab.]', '(a)', '(?:\\.b)', '?', '+', '$'],
      ...['\\\\', '\\.?', '(?=a)', '{2}', '-', '\\$', '[^.]+', '(?<x>a+)'],
    );
    const pattern = fc
      .array(part, { maxLength: 8 })
      .map((parts) => `${parts.join('')}$`)
      .filter(isPattern);
    // hostOf leaves no final dot.
    const host = fc
      .string({ maxLength: 9, unit: fc.constantFrom(...'ab.-\\$') })
      .filter((name) => !name.endsWith('.'));
    fc.assert(
      fc.property(pattern, host, (source, name) => {
        const suffix = suffixOf(source);
        const matches = new RegExp(source).test(name) || new RegExp(source).test(`${name}.`);
        if (suffix === undefined || !matches) return;
        expect(`.${name}`.endsWith(`.${suffix}`)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

describe('what suffixes have in common', () => {
  test.each<[(string | undefined)[], string | undefined]>([
    [['a.internal'], 'a.internal'],
    [['a.internal', 'a.internal'], 'a.internal'],
    [['x.a.internal', 'a.internal'], 'a.internal'],
    [['a.internal', 'x.a.internal'], 'a.internal'],
    [['a.internal', 'b.internal'], 'internal'],
    // Labels count, not letters.
    [['xa.internal', 'a.internal'], 'internal'],
    [['a.internal', 'a.external'], undefined],
    [['a.internal', undefined], undefined],
    [[undefined, 'a.internal'], undefined],
    [[], undefined],
  ])('%j: %s', (suffixes, common) => {
    expect(commonSuffix(suffixes)).toBe(common);
  });
});

test('names are before, in or after the range of a suffix', () => {
  const where = rangeOf('prometheus.internal');
  expect(where('prometheus.internal')).toBe('in');
  expect(where('a.prometheus.internal')).toBe('in');
  expect(where('*.prometheus.internal')).toBe('in');
  expect(where('internal')).toBe('before');
  expect(where('prometheus-2.internal')).toBe('before');
  expect(where('a.prometheus-2.internal')).toBe('before');
  // The position of an escaped name is unknown, so it ends no listing.
  expect(where('prometheus\\056b.internal')).toBe('before');
  expect(where('prometheus2.internal')).toBe('after');
  expect(where('z.internal')).toBe('after');
});
