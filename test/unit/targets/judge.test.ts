import { describe, expect, test } from 'vitest';
import type { Target } from '../../../src/target.ts';
import { type Judged, judge } from '../../../src/targets/guard.ts';
import { type Gone, NOTHING_GONE } from '../../../src/targets/memory.ts';
import { jobOf } from './wanted.ts';

const NOW = 1_764_165_600_000;
const S = NOW / 1000;
const HOUR = 3_600;
const to = { configMap: { namespace: 'm', name: 'prometheus', key: 'prometheus.yml' } };

const target = (name: string): Target => ({
  address: `${name}.internal.`,
  labels: { clusterID: name },
});
const targets = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => target(`c${from + i}`));
const remembered = (entries: Record<string, number>, more = NOTHING_GONE.more): Gone => ({
  hosts: new Map(Object.entries(entries).map(([name, at]) => [`${name}.internal`, at])),
  more,
});

function judged(settings: object, list: Partial<Judged>) {
  const job = jobOf({ to, ...settings });
  const all = { before: [], after: [], adopted: true, gone: NOTHING_GONE, now: NOW, ...list };
  const judgement = judge({ job, ...all });
  return {
    code: judgement.fault?.code,
    message: judgement.fault?.message,
    withheld: judgement.withheld.map(({ labels }) => labels.clusterID),
    kept: judgement.kept.map(({ target: { labels }, until }) => [labels.clusterID, until - NOW]),
    gone: judgement.gone && Object.fromEntries(judgement.gone.hosts),
    more: judgement.gone?.more,
    remembers: judgement.remembers,
  };
}

describe('the budget of maxRemoved', () => {
  test('holds for all runs within per: a fleet that drains two at a time is refused at 20 of 100', () => {
    let gone: Gone = NOTHING_GONE;
    let left = 100;
    let refused: string | undefined;
    for (let run = 0; run < 50 && !refused; run++) {
      const list = { before: targets(100 - left, 100), after: targets(102 - left, 100), gone };
      const job = jobOf({ to });
      const one = judge({ job, adopted: true, now: NOW + run * 60_000, ...list });
      refused = one.fault?.message;
      if (!refused) left -= 2;
      gone = one.gone as Gone;
    }
    expect(left).toBe(80);
    expect(refused).toBe(
      '22 of 100 targets would be removed within 1h, 20 of them by runs before this one, and maxRemoved is 20%: c20.internal, c21.internal',
    );
  });

  test.each([
    // [removed before within the hour, so many minutes ago, now in the list, removed now]: allowed?
    ['one or two of a small list go in an hour', 1, 5, 9, 1, undefined],
    ['the third does not', 2, 5, 8, 1, 'guard-max-removed'],
    ['after an hour, one or two may go again', 2, 60, 8, 2, undefined],
    ['the whole budget goes at once or one by one', 19, 59, 81, 1, undefined],
    ['and not one more', 20, 59, 80, 1, 'guard-max-removed'],
    ['nothing to remove is never refused', 50, 1, 50, 0, undefined],
  ])('%s', (_, before, minutes, listed, now, code) => {
    const gone = remembered(
      Object.fromEntries(Array.from({ length: before }, (_, i) => [`gone${i}`, S - minutes * 60])),
    );
    const list = { before: targets(0, listed), after: targets(now, listed), gone };
    expect(judged({}, list).code).toBe(code);
  });

  test('counts no host that came back, or that somebody put back into the list', () => {
    const gone = remembered({ c0: S - 60, c1: S - 60, c2: S - 60 });
    const back = { before: targets(1, 10), after: [target('c0'), ...targets(3, 10)], gone };
    const { code, gone: after } = judged({}, back);
    expect(code).toBeUndefined();
    expect(after).toEqual({ 'c1.internal': S, 'c2.internal': S });
  });

  test('counts those that are only a number, until the latest of them is over', () => {
    const list = { before: targets(0, 100), after: targets(1, 100) };
    const more = (at: number) => ({ ...list, gone: remembered({}, { count: 50, at }) });
    expect(judged({}, more(S - HOUR + 1))).toMatchObject({ code: 'guard-max-removed' });
    expect(judged({}, more(S - HOUR + 1)).more).toEqual({ count: 50, at: S - HOUR + 1 });
    expect(judged({}, more(S - HOUR))).toMatchObject({
      code: undefined,
      more: NOTHING_GONE.more,
    });
  });

  test('per: 0s judges each run by itself, and remembers nothing', () => {
    const gone = remembered({ x: S, y: S, z: S });
    const list = { before: targets(0, 10), after: targets(2, 10), gone };
    expect(judged({ guard: { per: '0s' } }, list)).toMatchObject({ code: undefined, gone: {} });
  });

  test('remembers what is removed now, rounded up to the second, and nothing that is withheld', () => {
    const list = { before: targets(0, 10), after: targets(2, 10), now: NOW + 1 };
    expect(judged({}, list).gone).toEqual({ 'c0.internal': S + 1, 'c1.internal': S + 1 });
    expect(judged({}, { ...list, after: targets(5, 10) }).gone).toEqual({});
    // The list itself is written with it: nothing of this needs a write of its own.
    expect(judged({}, list).remembers).toBe(false);
  });

  test('forgets old removals, and needs no write for it', () => {
    const gone = remembered({ x: S - 2 * HOUR });
    const list = { before: targets(0, 3), after: targets(0, 3), gone };
    expect(judged({}, list)).toMatchObject({ gone: {}, remembers: false });
  });

  test('a time from the future counts as now, and is corrected if it is far', () => {
    const future = S + 25 * HOUR;
    const gone = remembered({ x: future, y: future }, { count: 1, at: future });
    const list = { before: targets(0, 8), after: targets(1, 8), gone };
    expect(judged({}, list).code).toBe('guard-max-removed');
    const idle = judged({}, { ...list, after: targets(0, 8) });
    expect(idle).toMatchObject({ code: undefined, remembers: true, more: { count: 1, at: S } });
    expect(idle.gone).toEqual({ 'x.internal': S, 'y.internal': S });
    // A clock that is wrong by less corrects nothing: it could be the one that is wrong.
    const near = remembered({ x: S + 9 * HOUR, y: S + 9 * HOUR });
    expect(judged({}, { ...list, gone: near })).toMatchObject({
      code: 'guard-max-removed',
      gone: { 'x.internal': S + 9 * HOUR, 'y.internal': S + 9 * HOUR },
      remembers: false,
    });
  });

  test('a person overrides it, and what went then counts', () => {
    const gone = remembered({ x: S, y: S });
    const list = { before: targets(0, 8), after: targets(6, 8), gone, forced: true };
    const forced = judged({}, list);
    expect(forced.code).toBeUndefined();
    expect(Object.keys(forced.gone ?? {})).toHaveLength(8);
  });
});

describe('a garbled memory', () => {
  const list = { before: targets(0, 10), after: targets(1, 10), gone: 'garbled' as const };

  test('withholds every removal, and is left as it is', () => {
    expect(judged({}, list)).toEqual({
      code: 'guard-memory',
      message: 'it is unknown what was removed before, and c0.internal would be removed',
      withheld: ['c0'],
      kept: [],
      gone: undefined,
      more: undefined,
      remembers: false,
    });
    expect(judged({ keep: '1h', guard: { per: '0s' } }, list)).toMatchObject({
      code: 'guard-memory',
      kept: [],
    });
  });

  test('is nothing where nothing is removed, nothing is remembered, or a person forces it', () => {
    expect(judged({}, { ...list, after: targets(0, 11) }).code).toBeUndefined();
    expect(judged({ guard: { per: '0s' } }, list).code).toBeUndefined();
    expect(judged({}, { ...list, forced: true })).toMatchObject({ code: undefined, withheld: [] });
  });
});

describe('keep', () => {
  const keep = { keep: '15m' };
  const MINUTES_15 = 15 * 60_000;
  const list = { before: targets(0, 5), after: targets(1, 5) };

  test('holds a host from the first run that misses its name, which has to be remembered', () => {
    expect(judged(keep, list)).toMatchObject({
      code: undefined,
      withheld: [],
      kept: [['c0', MINUTES_15]],
      gone: { 'c0.internal': S },
      remembers: true,
    });
  });

  test('holds it until then, without another write', () => {
    const gone = remembered({ c0: S - 899 });
    expect(judged(keep, { ...list, gone })).toMatchObject({
      kept: [['c0', 1_000]],
      gone: { 'c0.internal': S - 899 },
      remembers: false,
    });
  });

  test('lets it go then, and the guard counts it as removed then', () => {
    const gone = remembered({ c0: S - 900 });
    expect(judged(keep, { ...list, gone })).toMatchObject({
      kept: [],
      gone: { 'c0.internal': S },
    });
    const many = { before: targets(0, 10), after: [target('c9')] };
    const over = remembered(Object.fromEntries(targets(0, 9).map((_, i) => [`c${i}`, S - 900])));
    expect(judged(keep, { ...many, gone: over })).toMatchObject({
      code: 'guard-max-removed',
      gone: Object.fromEntries(targets(0, 9).map((_, i) => [`c${i}.internal`, S - 900])),
    });
    expect(judged(keep, many)).toMatchObject({ code: undefined, withheld: [] });
  });

  test('a name that comes back is forgotten, or its next time would be short', () => {
    const gone = remembered({ c0: S - 60 });
    const back = { before: targets(0, 5), after: targets(0, 5), gone };
    expect(judged(keep, back)).toMatchObject({ kept: [], gone: {}, remembers: true });
    // By whichever run sees it, also a forced one.
    expect(judged(keep, { ...back, forced: true })).toMatchObject({ gone: {}, remembers: true });
    // Without keep, what is remembered of it has no effect.
    expect(judged({}, back).remembers).toBe(false);
  });

  test('force lets all go at once', () => {
    expect(judged(keep, { ...list, forced: true })).toMatchObject({ kept: [], withheld: [] });
  });

  test('nothing is kept of a list that nobody has reviewed yet', () => {
    const first = { ...list, adopted: false };
    expect(judged(keep, first)).toMatchObject({ code: 'guard-adopt', withheld: ['c0'], gone: {} });
    expect(judged({ ...keep, guard: { adopt: 'replace' } }, first).kept).toHaveLength(1);
  });

  test('a zone without names is refused at once, and what is kept stays kept', () => {
    expect(judged(keep, { ...list, after: [] })).toMatchObject({
      code: 'guard-min-targets',
      withheld: [],
      kept: targets(0, 5).map((_, i) => [`c${i}`, MINUTES_15]),
    });
  });

  test('all targets of a host stay, and none of also', () => {
    const also = [{ targets: ['c0.internal:80'], labels: { clusterID: 'also' } }];
    const before = [target('c0'), { address: 'c0.internal:80', labels: { clusterID: 'also' } }];
    const two = { ...target('c0'), address: 'c0.internal:9100' };
    const { kept } = judged({ ...keep, also }, { before: [...before, two], after: targets(1, 2) });
    expect(kept).toEqual([
      ['c0', MINUTES_15],
      ['c0', MINUTES_15],
    ]);
  });
});
