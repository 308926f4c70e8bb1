import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchAll } from '../../../src/targets/patterns.ts';
import { select } from '../../../src/targets/select.ts';
import { jobOf, recordOf } from './wanted.ts';

const selected = (rules: Record<string, unknown>, ...records: string[]) => {
  const [from] = jobOf({ select: { name: '.', ...rules } }).from;
  return select(records.map(recordOf), from!.select).map((decision) =>
    decision.selected ? decision.host : `${decision.rule}: ${decision.by}`,
  );
};

describe('a record set is selected', () => {
  test('by its type first, then by its name', () => {
    expect(
      selected({ name: '\\.internal$' }, 'a.internal. A', 'b.internal. AAAA', 'c.internal. CNAME'),
    ).toEqual(['a.internal', 'b.internal', 'c.internal']);
    // What external-dns writes next to every name.
    expect(
      selected({ name: 'no' }, 'cname-a.internal. TXT', 'a.internal. NS', 'a.internal. A'),
    ).toEqual(['types: A, AAAA, CNAME', 'types: A, AAAA, CNAME', 'name: no']);
  });

  test('by other types where they are named', () => {
    expect(selected({ types: ['TXT'] }, 'a.internal. TXT', 'a.internal. A')).toEqual([
      'a.internal',
      'types: TXT',
    ]);
  });

  test('by a pattern that may match anywhere in the name', () => {
    expect(selected({ name: 'prom' }, 'a.prom.internal.', 'a.internal.')).toEqual([
      'a.prom.internal',
      'name: prom',
    ]);
  });

  test.each(['^a\\.internal$', '^a\\.internal\\.$', '^a\\.internal\\.?$'])(
    'by a pattern with or without the final dot: %s',
    (name) => {
      expect(selected({ name }, 'a.internal.', 'A.Internal')).toEqual(['a.internal', 'a.internal']);
    },
  );

  test('by its decoded name', () => {
    expect(selected({ name: '^\\*\\.' }, '\\052.internal.')).toEqual(['*.internal']);
  });

  test('unless an exclude matches, with or without the final dot', () => {
    expect(
      selected({ exclude: ['^test-', 'old\\.$'] }, 'test-a.internal.', 'a.old.', 'a.internal.'),
    ).toEqual(['exclude: ^test-', 'exclude: old\\.$', 'a.internal']);
  });

  test('by any set identifier and none, unless settings have one', () => {
    expect(selected({}, 'a.internal. A blue', 'a.internal. A')).toHaveLength(2);
    expect(selected({ setIdentifier: '^blue$' }, 'a. A blue', 'b. A green', 'c. A')).toEqual([
      'a',
      'setIdentifier: ^blue$',
      'setIdentifier: ^blue$',
    ]);
    // The original's: those that are not hibernating, and those without any identifier.
    expect(
      selected(
        { setIdentifier: '^(?!.*\\[hibernating\\])' },
        'a. A c1',
        'b. A c2[hibernating]',
        'c. A',
      ),
    ).toEqual(['a', 'setIdentifier: ^(?!.*\\[hibernating\\])', 'c']);
  });
});

describe('patterns', () => {
  const rules = { types: ['A'], exclude: [], setIdentifier: undefined };
  const row = (host: string) => ({ host, setIdentifier: undefined });

  test('give their named groups, undefined where one took no part', () => {
    const name = '^(?<clusterID>[^.]+)(?:\\.(?<region>[a-z]{2}-\\d))?\\.internal$';
    const matched = matchAll({ ...rules, name }, [row('a.internal'), row('a.eu-1.internal')]);
    expect(matched.map(({ groups }) => ({ ...groups }))).toStrictEqual([
      { clusterID: 'a', region: undefined },
      { clusterID: 'a', region: 'eu-1' },
    ]);
  });

  test('see a record set without an identifier as an empty one', () => {
    const rows = [row('a.internal'), { host: 'b.internal', setIdentifier: 'blue' }];
    const matched = matchAll({ ...rules, name: '.', setIdentifier: '^$' }, rows);
    expect(matched.map(({ identified }) => identified)).toEqual([true, false]);
  });

  test('that backtrack indefinitely are stopped, and named', () => {
    const name = '^(([a-z])+.)+[A-Z]([a-z])+$';
    const long = row('a'.repeat(200));
    expect(() => matchAll({ ...rules, name }, [long], 50)).toThrowError(
      expect.objectContaining({
        code: 'pattern-timeout',
        message: `matching 1 name took longer than 50 ms with '${name}'`,
        cause: expect.objectContaining({ code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' }),
      }),
    );
    expect(() =>
      matchAll({ ...rules, name, exclude: ['x'], setIdentifier: 'y' }, [long, long], 50),
    ).toThrowError(`matching 2 names took longer than 50 ms with '${name}', 'x', 'y'`);
  });

  test('that are none fail as what they are, not as slow ones', () => {
    expect(() => matchAll({ ...rules, name: '(' }, [row('a')])).toThrowError(/Unterminated group/);
  });

  test('of an exclude and of a set identifier are stopped as well', () => {
    const slow = '^(([a-z])+.)+[A-Z]([a-z])+$';
    const text = 'a'.repeat(200);
    for (const select of [
      { ...rules, name: '.', exclude: [slow] },
      { ...rules, name: '.', setIdentifier: slow },
    ]) {
      const rows = [{ host: text, setIdentifier: text }];
      expect(() => matchAll(select, rows, 50)).toThrowError(
        expect.objectContaining({ code: 'pattern-timeout' }),
      );
    }
  });

  test('match 10,000 names in a moment', () => {
    const name = '^(?<clusterID>[^.]+)\\.prometheus\\.internal$';
    const rows = Array.from({ length: 10_000 }, (_, i) => row(`c${i}.prometheus.internal`));
    const begun = performance.now();
    const matched = matchAll({ ...rules, name, exclude: ['^test-'] }, rows);
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(matched.at(-1)).toEqual({
      groups: { clusterID: 'c9999' },
      excluded: -1,
      identified: true,
    });
  });

  test('answer for the names of each run, whatever the run before had', () => {
    const kept = { ...rules, name: '^(?<id>[ab]+)', exclude: ['bb'], setIdentifier: '^x?$' };
    const rows = fc.array(
      fc.record({
        host: fc.constantFrom('a', 'b', 'ab', 'bb', 'c'),
        setIdentifier: fc.constantFrom(undefined, '', 'x', 'y'),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(rows, (names) => {
        expect(matchAll(kept, names)).toEqual(matchAll({ ...kept }, names));
      }),
      { numRuns: 2_000 },
    );
  });

  test('that timed out are matched again', () => {
    const slow = { ...rules, name: '^(([a-z])+.)+[A-Z]([a-z])+$' };
    const rows = [row('a'.repeat(200))];
    for (let run = 0; run < 2; run++) {
      expect(() => matchAll(slow, rows, 50)).toThrowError(
        expect.objectContaining({ code: 'pattern-timeout' }),
      );
    }
  });
});
