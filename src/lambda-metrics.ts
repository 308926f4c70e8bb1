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
export function putMetrics(metrics: Metrics, durationMs: number, functionName: string): void {
  for (const [job, counts] of metrics) {
    const values = { ...counts, Duration: durationMs };
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
  const sum = (count: (outcome: Outcome) => number) =>
    lists.reduce((total, outcome) => total + count(outcome), 0);
  const having = (status: Outcome['status']) => sum((it) => (it.status === status ? 1 : 0));
  // A refused list is written too, except for its removals.
  const written = lists.filter(({ status }) => status === 'written' || status === 'refused');
  const failed = having('failed');
  const refused = having('refused');
  const paused = having('paused');
  return {
    // The content of a list that failed or is paused is unknown: no number is better than 0.
    ...(lists.every(isKnown) && { Targets: Math.max(...lists.map((it) => inList(it).length)) }),
    Added: written.reduce((total, { difference }) => total + difference.added.length, 0),
    Removed: written.reduce((total, { difference }) => total + difference.removed.length, 0),
    Kept: sum(({ kept }) => kept.length),
    Skipped: sum(({ skipped }) => skipped.length),
    Conflicts: sum(({ conflicts }) => conflicts),
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
    asked.reduce((sum, it) => sum + it.targets.filter((one) => one.state === state).length, 0);
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
  const written = lists.flatMap(({ writtenAt }) => writtenAt ?? []);
  const loaded = lists.flatMap(({ loadedAfterMs }) => loadedAfterMs ?? []);
  const repairs = lists
    .filter((it) => it.written)
    .reduce((sum, { job, difference: { added, removed, changed } }) => {
      // Where names are kept, it is a scheduled run that lets them go in the end.
      const gone = job.keepMs > 0 ? 0 : removed.length;
      return sum + added.length + gone + changed.length;
    }, 0);
  return {
    // The last of several lists: until then, one of them was out of date.
    ...(changedAt !== undefined &&
      written.length > 0 && { EventToWrite: Math.max(0, Math.max(...written) - changedAt) }),
    ...(loaded.length > 0 && { WriteToLoaded: Math.max(...loaded) }),
    ...(trigger === 'schedule' && { Repaired: repairs }),
  };
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
