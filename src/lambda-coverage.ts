import type { Connection } from './connect.ts';
import { coverage, coverageAfter, type RunResults } from './coverage/coverage.ts';
import { coverageJson } from './coverage/json.ts';
import { type JobCoverage, RUNGS } from './coverage/rungs.ts';
import { asFault } from './fault.ts';
import type { Job } from './job.ts';
import { type Logger, logCoverage } from './lambda-log.ts';
import { type Metrics, putMetrics } from './lambda-metrics.ts';
import { timeText } from './report.ts';

export { coverageJson } from './coverage/json.ts';
export { KeptRecords } from './coverage/kept-records.ts';

export type Coverage = ReturnType<typeof coverageJson>;

/** A scheduled run ends with it, so it must not use up the time of the next. */
const TIME_LIMIT_MS = 20_000;

/** Where expected clusters are lost, by hand. Throws Fault `expect-missing`; other faults are in the result. */
export async function coverageByHand(
  jobs: readonly Job[],
  connection: Connection,
  logger: Logger,
  signal: AbortSignal,
): Promise<JobCoverage[]> {
  const ports = { ...connection, objects: connection.dryRun };
  const all = (await coverage(jobs, ports, { signal })).map(withSince);
  logCoverage(logger, all);
  return all;
}

/**
 * After a scheduled run, once its metrics are out: where expected clusters are lost. It has a time limit of its own,
 * and never throws.
 *
 * @param jobs those of the run that expect any
 */
export async function coverageOfRun(
  jobs: readonly Job[],
  after: RunResults,
  connection: Connection,
  logger: Logger,
  signal: AbortSignal,
): Promise<Coverage> {
  const run = { signal: AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MS)]) };
  const ports = { ...connection, objects: connection.dryRun };
  const all = await coverageAfter(jobs, after, ports, run).catch((error) =>
    jobs.map((job): JobCoverage => {
      return { job, clusters: [], orphaned: [], faults: [asFault(error)] };
    }),
  );
  const dated = all.map(withSince);
  logCoverage(logger, dated);
  putMetrics(coverageMetrics(dated), logger.functionName);
  return coverageJson(dated);
}

/** What could not be found out has no number: no number is better than 0. */
export function coverageMetrics(all: readonly JobCoverage[]): Metrics {
  return new Map(
    all.map(({ job, clusters, orphaned, faults }) => {
      const failed = { CoverageFailed: faults.length > 0 ? 1 : 0 };
      if (faults.length > 0) return [job.name, failed];
      const lost = Object.groupBy(clusters, (one) => one.lost ?? 'none');
      const rungs = RUNGS.map((rung) => [METRICS[rung], lost[rung]?.length ?? 0] as const);
      const counts = {
        Expected: clusters.length,
        Missing: clusters.length - (lost.none?.length ?? 0),
        Orphaned: orphaned.length,
        ...Object.fromEntries(rungs),
      };
      return [job.name, { ...counts, ...failed }];
    }),
  );
}

const METRICS = {
  record: 'LostRecord',
  selected: 'LostSelected',
  list: 'LostList',
  loaded: 'LostLoaded',
  scraped: 'LostScraped',
} as const;

/** Since when this execution environment has seen a cluster lost, by job and cluster (ISO 8601). */
const seenSince = new Map<string, string>();

/** The least that is known: another environment may have seen it before. */
function withSince(coverage: JobCoverage): JobCoverage {
  const { job, clusters, faults } = coverage;
  return {
    ...coverage,
    clusters: clusters.map((one) => {
      const key = JSON.stringify([job.name, one.cluster]);
      if (one.lost === null) {
        // Where something is unknown, it may still be lost.
        if (faults.length === 0) seenSince.delete(key);
        return one;
      }
      const since = one.since ?? seenSince.get(key) ?? timeText(Date.now());
      seenSince.set(key, since);
      return { ...one, since };
    }),
  };
}
