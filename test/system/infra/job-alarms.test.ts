import { expect, test } from 'vitest';
import type { AlarmResource } from '../../../infra/aws/alarm.ts';
import { jobAlarms } from '../../../infra/aws/job-alarms.ts';
import { parseSettings } from '../../../src/settings/parse.ts';
import { settingsOfTwoAccounts } from './service.ts';

const deployment = {
  name: 'federation-sync-prod',
  region: 'eu-west-1',
  inVpc: false,
  webhook: false,
  timeout: 120,
  silence: 20,
  batch: { window: 60, size: 1_000, visibility: 780 },
};
const alarms = jobAlarms(parseSettings(settingsOfTwoAccounts, 'settings', '/'), deployment);
const named = (kind: string, job = 'federate') =>
  Object.values(alarms).find(
    ({ Properties }) => Properties.AlarmName === `federation-sync-prod-${kind}-${job}`,
  );

test.each([
  ['refused', 'federation-sync plan --job federate'],
  ['paused', 'federation-sync plan --job federate'],
  ['repaired', 'federation-sync doctor --job federate'],
  ['not-loaded', 'federation-sync verify --job federate'],
  ['missing', 'federation-sync coverage --job federate'],
  ['coverage-failed', 'federation-sync coverage --job federate'],
])('%s names the first command to run: %s', (kind, command) => {
  expect(named(kind)!.Properties.AlarmDescription).toContain(command);
});

test('a job whose places name no server has no alarm for what is not loaded', () => {
  expect(named('not-loaded', 'probes')).toBeUndefined();
  expect(named('repaired', 'probes')).toBeDefined();
});

test('a job that expects no clusters has no alarms for them', () => {
  expect(named('missing', 'probes')).toBeUndefined();
  expect(named('coverage-failed', 'probes')).toBeUndefined();
});

/** A run of the function, and what it emits in addition to Succeeded. */
interface Run {
  /** Seconds. */
  readonly at: number;
  readonly Repaired?: number;
  readonly NotLoaded?: number;
  readonly Added?: number;
  readonly Missing?: number;
  readonly CoverageFailed?: number;
}

const PERIOD = 300;
const DAY = 24 * 3600;
type State = 'OK' | 'ALARM';

const statistics: Record<string, (values: readonly number[]) => number> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Minimum: (values) => Math.min(...values),
  SampleCount: (values) => values.length,
};

/**
 * The state after each period, as CloudWatch evaluates it with TreatMissingData: ignore (Amazon CloudWatch User Guide,
 * "Configuring how CloudWatch alarms treat missing data"): the latest values decide, and periods without one are
 * passed over.
 *
 * @param spare periods further back than EvaluationPeriods that are searched for values; with too few, the state stays
 */
function states(
  alarm: AlarmResource,
  runs: readonly Run[],
  seconds: number,
  spare = Number.POSITIVE_INFINITY,
): State[] {
  const {
    Metrics = [{ Expression: 'value' }, { Id: 'value', MetricStat: plainMetric(alarm) }],
    EvaluationPeriods,
    DatapointsToAlarm = EvaluationPeriods,
    Threshold,
    // biome-ignore lint/suspicious/noExplicitAny: a template's shape is CloudFormation's to check, not ours.
  } = alarm.Properties as any;
  expect(alarm.Properties.TreatMissingData).toBe('ignore');
  expect(alarm.Properties.ComparisonOperator).toBe('GreaterThanOrEqualToThreshold');
  const [{ Expression }, ...inputs] = Metrics;
  const ids: string[] = inputs.map(({ Id }: { Id: string }) => Id);
  const compute = new Function('IF', ...ids, `return ${Expression}`);
  const values: { index: number; value: number }[] = [];
  const byPeriod = Map.groupBy(runs, ({ at }) => Math.floor(at / PERIOD));
  let state: State = 'OK';
  return Array.from({ length: seconds / PERIOD }, (_, index) => {
    const here = byPeriod.get(index) ?? [];
    const given = inputs.map(({ MetricStat }: { MetricStat: Record<string, unknown> }) => {
      expect(MetricStat.Period).toBe(PERIOD);
      const { MetricName } = MetricStat.Metric as { MetricName: string };
      const emitted = here.flatMap((run) => emittedBy(run, MetricName) ?? []);
      return emitted.length > 0 ? statistics[MetricStat.Stat as string]!(emitted) : undefined;
    });
    if (given.every((value: unknown) => value !== undefined))
      values.push({
        index,
        value: compute((yes: unknown, then: number, not: number) => (yes ? then : not), ...given),
      });
    const searched = values.filter((it) => it.index > index - EvaluationPeriods - spare);
    const latest = searched.slice(-EvaluationPeriods);
    if (latest.filter(({ value }) => value >= Threshold).length >= DatapointsToAlarm)
      state = 'ALARM';
    else if (latest.length === EvaluationPeriods) state = 'OK';
    return state;
  });
}

/** An alarm without metric math, as the input of an expression. */
function plainMetric({ Properties }: AlarmResource) {
  const { MetricName, Statistic, Period } = Properties;
  return { Metric: { MetricName }, Stat: Statistic, Period };
}

function emittedBy(run: Run, metric: string): number | undefined {
  if (metric === 'Succeeded') return 1;
  if (metric === 'Added') return run.Added ?? 0;
  return run[metric as 'Repaired' | 'NotLoaded' | 'Missing' | 'CoverageFailed'];
}

/** From 0 to below 1, the same at each run of the tests. */
function chances(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Fleet {
  readonly perDay: number;
  readonly days: number;
  /** Whether the event of a change at that time reaches the queue. */
  readonly arrives?: (at: number) => boolean;
  /** Whether the server loads, within 90 s, what is written at that time. */
  readonly loads?: (at: number) => boolean;
}

/** The runs of a fleet: each change is a target more, written by the first run after it. */
function runsOf({ perDay, days, arrives = () => true, loads = () => true }: Fleet): Run[] {
  const chance = chances(7);
  const seconds = days * DAY;
  const changes: { at: number; written?: number; loaded?: number }[] = [];
  for (let at = 0; at < seconds; at += -Math.log(1 - chance()) * (DAY / perDay))
    changes.push({ at });
  // Serverless.yml: minutes 2, 7, 12, …; EventBridge is up to a minute late.
  const scheduled = Array.from({ length: seconds / PERIOD }, (_, index) => ({
    at: index * PERIOD + 120 + 60 * chance(),
    event: false,
  }));
  // CloudTrail and EventBridge, then the batch window.
  const byEvents = changes
    .filter(({ at }) => arrives(at))
    .map(({ at }) => ({ at: at + 45 * chance() + 60, event: true }));
  return [...scheduled, ...byEvents]
    .sort((one, other) => one.at - other.at)
    .map(({ at, event }) => {
      const pending = changes.filter((it) => it.at <= at && it.written === undefined);
      const lag = 90 * chance();
      for (const change of pending) change.written = at;
      if (loads(at)) for (const it of changes) if (it.written !== undefined) it.loaded ??= at + lag;
      const inList = changes.filter(({ written }) => written !== undefined);
      const NotLoaded = inList.filter(({ loaded }) => loaded === undefined || loaded > at).length;
      const emitted = { at, Added: pending.length };
      return event ? emitted : { ...emitted, Repaired: pending.length, NotLoaded };
    });
}

const firstAlarm = (found: readonly State[], from: number) =>
  (found.indexOf('ALARM', Math.floor(from / PERIOD)) + 1) * PERIOD - from;

/** The alarm with the plain metric in place of the expression. */
function plain(alarm: AlarmResource, id: string): AlarmResource {
  const [computed, ...inputs] = alarm.Properties.Metrics as [object, ...object[]];
  const Metrics = [{ ...computed, Expression: id }, ...inputs];
  return { ...alarm, Properties: { ...alarm.Properties, Metrics } };
}

// 100 and 10 clusters with ten changes a day each, and a quiet zone.
test.each([
  { perDay: 1_000, days: 2 },
  { perDay: 100, days: 10 },
  { perDay: 10, days: 20 },
])('healthy, with $perDay changes a day: neither alarm goes off', (fleet) => {
  const runs = runsOf(fleet);
  for (const kind of ['repaired', 'not-loaded'])
    expect(states(named(kind)!, runs, fleet.days * DAY), kind).not.toContain('ALARM');
});

test('with 1,000 changes a day, the plain metrics would go off in a healthy fleet', () => {
  const runs = runsOf({ perDay: 1_000, days: 2 });
  for (const [kind, id] of [
    ['repaired', 'repaired'],
    ['not-loaded', 'notLoaded'],
  ] as const)
    expect(states(plain(named(kind)!, id), runs, 2 * DAY), kind).toContain('ALARM');
});

test('without events, the alarm goes off by the third scheduled run that has changes, and ends when they arrive', () => {
  const [dies, returns] = [6 * 3600, 12 * 3600];
  const arrives = (at: number) => at < dies || at > returns;
  const found = states(named('repaired')!, runsOf({ perDay: 1_000, days: 1, arrives }), DAY);
  expect(found.slice(0, dies / PERIOD)).not.toContain('ALARM');
  expect(firstAlarm(found, dies)).toBeLessThanOrEqual(25 * 60);
  expect(found.slice(returns / PERIOD + 6)).not.toContain('ALARM');
});

test('a list that is put back between all runs of a quiet zone makes the alarm go off in 15 minutes', () => {
  const runs = Array.from({ length: 12 }, (_, index) => ({
    at: index * PERIOD + 120,
    Repaired: 3,
  }));
  expect(firstAlarm(states(named('repaired')!, runs, 3600), 0)).toBe(15 * 60);
});

test('a single repair, as after an upgrade of a chart, is no alarm', () => {
  const runs = Array.from({ length: 12 }, (_, index) => ({
    at: index * PERIOD + 120,
    Repaired: index === 5 ? 40 : 0,
  }));
  expect(states(named('repaired')!, runs, 3600)).not.toContain('ALARM');
});

test.each([1_000, 10])(
  'a server that stops loading, with %i changes a day, is an alarm within 15 minutes of the next change, until it loads again',
  (perDay) => {
    const [stops, starts] = [6 * 3600, 18 * 3600];
    const runs = runsOf({ perDay, days: 1, loads: (at) => at < stops || at > starts });
    const found = states(named('not-loaded')!, runs, DAY);
    expect(found.slice(0, stops / PERIOD)).not.toContain('ALARM');
    const written = runs.find(({ at, Added = 0 }) => at >= stops && Added > 0)!.at;
    expect(firstAlarm(found, written)).toBeLessThanOrEqual(15 * 60);
    expect(found.indexOf('OK', found.indexOf('ALARM'))).toBeGreaterThanOrEqual(starts / PERIOD);
    expect(found.slice(starts / PERIOD + 2)).not.toContain('ALARM');
  },
);

test('runs that cannot query the server leave the alarm as it is', () => {
  const values = [0, 0, 5, 5, undefined, undefined, 0, 0];
  const runs = values.map((value, index) => ({
    at: index * PERIOD + 120,
    ...(value !== undefined && { NotLoaded: value }),
  }));
  expect(states(named('not-loaded')!, runs, values.length * PERIOD).join(' ')).toBe(
    'OK OK OK ALARM ALARM ALARM ALARM OK',
  );
});

/** Scheduled runs that found so many clusters missing; undefined: they could not find out. */
const coverageRuns = (found: readonly (number | undefined)[]): Run[] =>
  found.map((Missing, index) => ({
    at: index * PERIOD + 120,
    CoverageFailed: Missing === undefined ? 1 : 0,
    ...(Missing !== undefined && { Missing }),
  }));
const after = (kind: string, found: readonly (number | undefined)[], spare?: number) =>
  states(named(kind)!, coverageRuns(found), found.length * PERIOD, spare);
const unknown = undefined;

test.each([
  ['a cluster that registers within 30 minutes', [0, 0, 0, 1, 1, 1, 1, 1, 0], 'OK'],
  ['a cluster that does not', [0, 0, 0, 1, 1, 1, 1, 1, 1], 'ALARM'],
  ['all clusters are monitored again', [1, 1, 1, 1, 1, 1, 1, 0], 'OK'],
  ['a run that could not find out neither starts it', [0, 1, 1, unknown, 1, 1, 1], 'OK'],
  ['nor delays it for longer than itself', [0, 1, 1, unknown, 1, 1, 1, 1], 'ALARM'],
  ['nor ends it', [1, 1, 1, 1, 1, 1, unknown, unknown], 'ALARM'],
] as const)('missing: %s', (_, found, last) => {
  expect(after('missing', found).at(-1)).toBe(last);
});

test('missing goes off 25 to 35 minutes after a cluster appeared, with its sixth run', () => {
  const found = after('missing', [0, 0, 0, ...Array(9).fill(3)]);
  expect(found.indexOf('ALARM')).toBe(3 + 5);
});

test.each([
  ['the list of clusters cannot be read', [0, 0, 0, unknown, unknown, unknown], 'ALARM'],
  [
    'never could be, from the first run on',
    [unknown, unknown, unknown, unknown, unknown, unknown],
    'ALARM',
  ],
  ['every second run fails', [0, unknown, 0, unknown, 0, unknown], 'ALARM'],
  ['it can be read again', [unknown, unknown, unknown, unknown, 0, 0, 0, 0], 'OK'],
  ['two runs fail, as in a short outage', [0, 0, 0, 0, unknown, unknown, 0, 0], 'OK'],
] as const)('coverage-failed: %s', (_, found, last) => {
  expect(after('coverage-failed', found).at(-1)).toBe(last);
});

test('where failing runs hide a missing cluster for an hour, they are an alarm themselves', () => {
  // All patterns of them. Two: the evaluation range of the page's examples is two periods longer than the three to evaluate.
  for (let pattern = 0; pattern < 2 ** 12; pattern += 1) {
    const found = Array.from({ length: 12 }, (_, at) => ((pattern >> at) & 1 ? unknown : 1));
    const seen = ['missing', 'coverage-failed'].some((kind) =>
      after(kind, [0, 0, 0, 0, 0, 0, ...found], 2).includes('ALARM'),
    );
    expect(seen, found.join(' ')).toBe(true);
  }
});
