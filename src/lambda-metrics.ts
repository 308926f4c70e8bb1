import type { EventRequest } from './event.ts';
import { jsonLine } from './lambda-log.ts';
import { inList, isKnown, type Outcome } from './report.ts';
import type { State } from './verify/agreement.ts';
import type { Verdict } from './verify/verdict.ts';

/** What is counted for each job, by the job's name. */
export type Metrics = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** Units of the metrics that are not counts. */
const UNITS: Readonly<Record<string, string>> = {
  Duration: 'Milliseconds',
  EventToWrite: 'Milliseconds',
  WriteToLoaded: 'Milliseconds',
};

/**
 * Prints the metrics of each job; see `metricLine`. The function's name is a dimension: two stages may have jobs
 * of the same name, and one must not silence the other's alarms.
 */
export function putMetrics(metrics: Metrics, functionName: string, durationMs?: number): void {
  for (const [job, counts] of metrics) {
    const values = durationMs === undefined ? counts : { ...counts, Duration: durationMs };
    const line = { function: functionName, job, ...metricLine(values) };
    process.stdout.write(`${jsonLine(line)}\n`);
  }
}

type Run = Pick<EventRequest & { kind: 'run' }, 'trigger' | 'changedAt'>;

/** The metrics of a run, and of what it verified. */
export function metricsOf(
  outcomes: readonly Outcome[],
  verdicts: readonly Verdict[],
  run: Run,
): Metrics {
  const jobs = Map.groupBy(outcomes, ({ job }) => job.name);
  return new Map(
    [...jobs].map(([name, lists]) => {
      const own = verdicts.filter(({ job }) => job.name === name);
      return [name, { ...countsOf(lists), ...reachOf(lists, own), ...timesOf(lists, run) }];
    }),
  );
}

function countsOf(lists: readonly Outcome[]): Record<string, number> {
  const having = (status: Outcome['status']) => lists.filter((it) => it.status === status).length;
  // A refused list is written too, except for its removals.
  const written = lists.filter((it) => it.written);
  const failed = having('failed');
  const refused = having('refused');
  const paused = having('paused');
  return {
    // The content of a list that failed or is paused is unknown: no number is better than 0.
    ...(lists.every(isKnown) && { Targets: Math.max(...lists.map((it) => inList(it).length)) }),
    Added: sum(written, ({ difference }) => difference.added.length),
    Removed: sum(written, ({ difference }) => difference.removed.length),
    Kept: sum(lists, ({ kept }) => kept.length),
    Skipped: sum(lists, ({ skipped }) => skipped.length),
    Conflicts: sum(lists, ({ conflicts }) => conflicts),
    Refused: refused,
    Paused: paused,
    Failed: failed,
    // A paused run is neither success nor failure.
    Succeeded: failed + refused + paused === 0 ? 1 : 0,
  };
}

/** Only what is known: a list that no server was asked about has no numbers. */
function reachOf(lists: readonly Outcome[], verdicts: readonly Verdict[]): Record<string, number> {
  const asked = verdicts.filter(({ fault }) => !fault);
  const having = (state: State) =>
    sum(asked, ({ targets }) => targets.filter((one) => one.state === state).length);
  // A reload that failed leaves the list of before, even if it is the same today.
  const broken = asked.filter(({ servers }) => servers.some((it) => it.reloaded === false)).length;
  const unloaded = lists.filter(warns('not-loaded'));
  const waited = lists.some(({ loadedAfterMs }) => loadedAfterMs !== undefined);
  const notLoaded = Math.max(having('not-loaded'), broken) + unloaded.length;
  const nudges = lists.filter(({ nudged }) => nudged !== undefined);
  return {
    ...(asked.length > 0 && {
      Scraped: having('scraped'),
      Down: having('down'),
      Unwanted: having('unwanted'),
    }),
    ...((asked.length > 0 || waited || unloaded.length > 0) && { NotLoaded: notLoaded }),
    ...(verdicts.length > 0 && { Unverified: verdicts.length - asked.length }),
    ...(nudges.length > 0 && {
      NudgeFailed: nudges.filter((it) => NUDGE_WARNINGS.some((code) => warns(code)(it))).length,
    }),
  };
}

const NUDGE_WARNINGS = ['nudge-failed', 'nudge-nobody', 'subpath-mount'] as const;

const warns =
  (code: Outcome['warnings'][number]['code']) =>
  ({ warnings }: Outcome) =>
    warnings.some((warning) => warning.code === code);

function timesOf(lists: readonly Outcome[], { trigger, changedAt }: Run): Record<string, number> {
  const times = lists.flatMap(({ writtenAt }) => writtenAt ?? []);
  const loaded = lists.flatMap(({ loadedAfterMs }) => loadedAfterMs ?? []);
  const written = lists.filter((it) => it.written);
  const repairs = sum(written, ({ job, difference: { added, removed, changed } }) => {
    // Where names are kept, it is a scheduled run that lets them go in the end.
    const gone = job.keepMs > 0 ? 0 : removed.length;
    return added.length + gone + changed.length;
  });
  return {
    // The last of several lists: until then, one of them was out of date.
    ...(changedAt !== undefined &&
      times.length > 0 && { EventToWrite: Math.max(0, Math.max(...times) - changedAt) }),
    ...(loaded.length > 0 && { WriteToLoaded: Math.max(...loaded) }),
    ...(trigger === 'schedule' && { Repaired: repairs }),
  };
}

function sum<T>(all: readonly T[], count: (one: T) => number): number {
  return all.reduce((total, one) => total + count(one), 0);
}

/**
 * One line in CloudWatch's embedded metric format: Lambda's log is read for it, so no call is needed.
 * Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
 */
function metricLine(values: Readonly<Record<string, number>>) {
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: UNITS[Name] ?? 'Count' }));
  return {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        { Namespace: 'FederationSync', Dimensions: [['function', 'job']], Metrics },
      ],
    },
    ...values,
  };
}
