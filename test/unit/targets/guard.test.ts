import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import type { Guard, Job } from '../../../src/job.ts';
import type { Target } from '../../../src/target.ts';
import { judge, withStaying } from '../../../src/targets/guard.ts';
import { NOTHING_GONE } from '../../../src/targets/memory.ts';
import type { Skipped } from '../../../src/targets/targets.ts';
import { jobOf } from './wanted.ts';

interface Given {
  readonly before: readonly Target[];
  readonly after: readonly Target[];
  readonly also: readonly Target[];
  readonly guard: Guard;
  readonly adopted: boolean;
  readonly near?: readonly string[];
  readonly skipped?: readonly Skipped[];
  /** Without it, the job has nothing but also. */
  readonly from?: Job['from'];
}
const refusal = ({ also, guard, from = jobOf().from, ...list }: Given, name = 'federate') =>
  judge({ ...list, job: { name, from, also, guard, keepMs: 0 }, gone: NOTHING_GONE, now: 0 }).fault;
const guard = (settings?: Record<string, unknown>): Guard =>
  jobOf(settings && { guard: settings }).guard;
const t = (address: string): Target => ({ address, labels: { clusterID: address } });
const hosts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => t(`c${from + i}.internal.`));
const codeOf = (
  before: Target[],
  after: Target[],
  settings?: Record<string, unknown>,
  rest: { also?: Target[]; adopted?: boolean } = {},
) =>
  refusal({ before, after, also: [], adopted: true, guard: guard(settings), ...rest })?.code ??
  'allowed';

describe('maxRemoved', () => {
  test.each([
    // One or two may always go.
    ['20%', 3, 1, 'allowed'],
    ['0%', 10, 8, 'allowed'],
    [0, 10, 8, 'allowed'],
    [0, 10, 7, 'guard-max-removed'],
    ['0%', 10, 7, 'guard-max-removed'],
    // 20% of 14 are 2.8, of 15 just 3.
    ['20%', 14, 11, 'guard-max-removed'],
    ['20%', 15, 12, 'allowed'],
    ['20%', 15, 11, 'guard-max-removed'],
    ['20%', 210, 168, 'allowed'],
    ['20%', 210, 167, 'guard-max-removed'],
    ['100%', 210, 1, 'allowed'],
    [5, 210, 205, 'allowed'],
    [5, 210, 204, 'guard-max-removed'],
    // A float would make 29% of 100 a little less than 29.
    ['29%', 100, 71, 'allowed'],
    ['7%', 100, 93, 'allowed'],
  ])('%s: of %i targets %i stay: %s', (maxRemoved, before, after, code) => {
    expect(codeOf(hosts(0, before), hosts(0, after), { maxRemoved })).toBe(code);
  });

  test('is 20% by default', () => {
    expect(codeOf(hosts(0, 10), hosts(0, 7))).toBe('guard-max-removed');
    expect(codeOf(hosts(0, 20), hosts(0, 16))).toBe('allowed');
  });

  test('is of what goes, whatever comes instead', () => {
    expect(codeOf(hosts(0, 10), hosts(3, 100))).toBe('guard-max-removed');
  });

  test('counts hosts: another template of all is no removal', () => {
    const before = hosts(0, 10);
    const after = before.map(({ address }) => t(`https://${address.slice(0, -1)}:443/ping`));
    expect(codeOf(before, after)).toBe('allowed');
  });

  test('counts a host once, however often it', () => {
    const before = [...hosts(0, 10), ...hosts(0, 3), ...hosts(0, 3)];
    expect(codeOf(before, hosts(0, 10))).toBe('allowed');
    expect(codeOf(before, hosts(2, 10))).toBe('allowed');
    expect(codeOf(before, hosts(3, 10))).toBe('guard-max-removed');
  });

  test('says how many of how many, and names five', () => {
    const fault = refusal({
      before: hosts(0, 10),
      after: hosts(7, 10),
      also: [],
      guard: guard(),
      adopted: true,
    });
    expect(fault).toMatchObject({ code: 'guard-max-removed', retryable: false });
    expect(fault?.message).toBe(
      '7 of 10 targets would be removed, and maxRemoved is 20%: c0.internal, c1.internal, c2.internal, c3.internal, c4.internal and 2 more',
    );
  });
});

test('names all that go where they are five', () => {
  const list = { after: [], also: [], guard: guard({ minTargets: 0 }), adopted: true };
  expect(refusal({ ...list, before: hosts(0, 5) })?.message).toBe(
    '5 of 5 targets would be removed, and maxRemoved is 20%: c0.internal, c1.internal, c2.internal, c3.internal, c4.internal',
  );
});

test.each([
  ['federate', '--job federate --force'],
  ["all the team's", "--job 'all the team'\\''s' --force"],
])('what to do about it names the job: %s', (job, words) => {
  const list = { after: [], also: [], guard: guard(), adopted: true };
  expect(refusal({ ...list, before: hosts(0, 2) }, job)?.remedy).toContain(words);
  expect(refusal({ ...list, before: hosts(0, 10), adopted: false }, job)?.remedy).toContain(words);
  const loose = { ...list, guard: guard({ minTargets: 0 }) };
  expect(refusal({ ...loose, before: hosts(0, 10) }, job)?.remedy).toContain(words);
});

describe('minTargets', () => {
  test.each([
    [{}, 2, 0, 'guard-min-targets'],
    [{}, 2, 1, 'allowed'],
    [{ minTargets: 0 }, 2, 0, 'allowed'],
    [{ minTargets: 5 }, 5, 4, 'guard-min-targets'],
    [{ minTargets: 5 }, 6, 5, 'allowed'],
    // A list that grows is still too short.
    [{ minTargets: 5 }, 0, 4, 'guard-min-targets'],
  ])('%j: of %i targets %i are left: %s', (settings, before, after, code) => {
    expect(codeOf(hosts(0, before), hosts(0, after), settings)).toBe(code);
  });

  test('says how many of how many', () => {
    const list = { before: hosts(0, 6), after: hosts(0, 4), also: [], adopted: true };
    expect(refusal({ ...list, guard: guard({ minTargets: 5 }) })?.message).toBe(
      '4 targets selected, and minTargets is 5',
    );
  });

  test('names what select.name left out', () => {
    const list = { before: [], after: [], also: [], adopted: true, guard: guard({}) };
    expect(refusal({ ...list, near: ['a.internal', 'b.internal'] })?.message).toBe(
      '0 targets selected, and minTargets is 1; select.name matches none of the names, such as a.internal, b.internal',
    );
    expect(refusal({ ...list, near: [] })?.message).toBe('0 targets selected, and minTargets is 1');
  });

  test('names what was skipped, and why', () => {
    const list = { before: [], after: [], also: [], adopted: true, guard: guard({}) };
    const skip = (code: Skipped['code']): Skipped => ({
      record: 'a.internal.',
      type: 'A',
      code,
      reason: code === 'path-not-allowed' ? 'no relabel_configs' : 'why',
    });
    const path = refusal({ ...list, skipped: Array(134).fill(skip('path-not-allowed')) });
    expect(path?.message).toBe(
      '0 targets selected, and minTargets is 1; 134 are skipped, the first for path-not-allowed: no relabel_configs',
    );
    expect(path?.remedy).toMatch(/^Give the job its relabel_configs back/);
    const other = refusal({ ...list, skipped: [skip('wildcard')] });
    expect(other?.message).toMatch(/; 1 is skipped for wildcard: why$/);
    expect(other?.remedy).toMatch(/^Correct select.name/);
  });

  test('counts also where the job has nothing else', () => {
    const also = [t('bind1:9119'), t('bind2:9119')];
    const list = { before: also, also, adopted: true, from: [] };
    expect(refusal({ ...list, after: also, guard: guard() })).toBeUndefined();
    expect(refusal({ ...list, after: [], guard: guard() })?.code).toBe('guard-min-targets');
    expect(refusal({ ...list, after: also, guard: guard({ minTargets: 3 }) })?.code).toBe(
      'guard-min-targets',
    );
  });

  test('ignores what is in also', () => {
    const also = [t('prometheus-server:80')];
    expect(codeOf(hosts(0, 2), also, {}, { also })).toBe('guard-min-targets');
    expect(codeOf(also, also, { minTargets: 0 }, { also })).toBe('allowed');
  });
});

describe('also', () => {
  test('is not counted among those that go, nor among those there were', () => {
    const also = [t('x1:80'), t('x2:80'), t('x3:80'), t('x4:80'), t('x5:80')];
    // 3 of 14 go; with the five of also it would be 3 of 19, which 20% allows.
    expect(codeOf([...hosts(0, 14), ...also], [...hosts(0, 11), ...also], {}, { also })).toBe(
      'guard-max-removed',
    );
  });

  test('that leaves the settings is a removal like any other', () => {
    const before = [...hosts(0, 10), t('x1:80'), t('x2:80'), t('x3:80')];
    expect(codeOf(before, hosts(0, 10))).toBe('guard-max-removed');
  });
});

describe('the first run on an object', () => {
  test('removes nothing', () => {
    expect(codeOf(hosts(0, 10), hosts(1, 10), {}, { adopted: false })).toBe('guard-adopt');
    expect(codeOf(hosts(0, 10), hosts(1, 10), {}, { adopted: true })).toBe('allowed');
  });

  test('adds and changes', () => {
    const before = [t('c0.internal')];
    expect(codeOf(before, hosts(0, 10), {}, { adopted: false })).toBe('allowed');
  });

  test('removes where the settings say replace, within the other limits', () => {
    const replace = { adopt: 'replace' };
    expect(codeOf(hosts(0, 10), hosts(1, 10), replace, { adopted: false })).toBe('allowed');
    expect(codeOf(hosts(0, 10), hosts(5, 10), replace, { adopted: false })).toBe(
      'guard-max-removed',
    );
  });

  test('keeps what also names', () => {
    const also = [t('prometheus-server:80')];
    const before = [...also, t('c0.internal.')];
    expect(codeOf(before, [...also, ...hosts(0, 3)], {}, { also, adopted: false })).toBe('allowed');
  });

  test('prints what would go as settings that keep it', () => {
    const before: Target[] = [
      t('c0.internal.'),
      {
        address: 'prometheus-server:80',
        labels: { clusterID: '0123', note: "it's: #1", long: 'word '.repeat(40) },
      },
      { address: 'bare:9090', labels: {} },
    ];
    const refused = refusal({
      before,
      after: hosts(0, 1),
      also: [],
      guard: guard(),
      adopted: false,
    });
    expect(refused?.message).toContain('bare, prometheus-server');
    // A line for each entry, label and target: none is folded, and none is empty.
    expect(refused?.details).toHaveLength(9);
    const { also } = load(refused?.details.join('\n') ?? '') as { also: unknown };
    expect(also).toEqual([
      {
        targets: ['prometheus-server:80'],
        labels: { clusterID: '0123', note: "it's: #1", long: 'word '.repeat(40) },
      },
      { targets: ['bare:9090'] },
    ]);
    const kept = jobOf({ also }).also;
    expect(
      refusal({
        before,
        after: [...hosts(0, 1), ...kept],
        also: kept,
        guard: guard(),
        adopted: false,
      }),
    ).toBeUndefined();
  });
});

describe('what is written of a refused list', () => {
  const wanted = (address: string) => ({ ...t(address), origins: [{ kind: 'also' as const }] });

  test('is what is wanted and what is withheld, sorted by code unit', () => {
    const all = withStaying([wanted('B'), wanted('d')], [t('a'), t('c'), t('A')]);
    expect(all.map(({ address }) => address)).toEqual(['A', 'B', 'a', 'c', 'd']);
    expect(all.map(({ origins }) => origins.length)).toEqual([0, 1, 0, 0, 1]);
  });

  test('is what is wanted, where nothing is withheld', () => {
    const list = [wanted('b'), wanted('a')];
    expect(withStaying(list, [])).toBe(list);
  });

  test('keeps two targets of one address in their order', () => {
    const all = withStaying([wanted('a')], [{ address: 'a', labels: { x: '1' } }]);
    expect(all.map(({ labels }) => labels.x)).toEqual([undefined, '1']);
  });
});
