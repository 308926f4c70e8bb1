import { asFault, Fault } from '../fault.ts';
import { expecting, type Job } from '../job.ts';
import { Listings } from '../records/listings.ts';
import { type Records, wholeZones } from '../records/records.ts';
import { isKnown, type Outcome } from '../report.ts';
import type { Run } from '../run.ts';
import type { Verdict } from '../verify/verdict.ts';
import { type VerifyOptions, type VerifyPorts, verify, verifyWritten } from '../verify/verify.ts';
import type { Clusters } from './clusters.ts';
import { ExpectedClusters, type ExpectedList } from './expected.ts';
import { KeptRecords } from './kept-records.ts';
import { coverageOf, type JobCoverage } from './rungs.ts';

export interface CoveragePorts extends VerifyPorts {
  readonly clusters: Clusters;
}

/**
 * Where the expected clusters of these jobs are lost, with the current records, lists and servers. Whole zones are
 * listed, so that a name outside the pattern is found, too. Faults are in the result.
 *
 * @throws Fault `expect-missing` if none of the jobs has any
 */
export async function coverage(
  all: readonly Job[],
  ports: CoveragePorts,
  options: VerifyOptions,
): Promise<JobCoverage[]> {
  const jobs = expecting(all);
  if (jobs.length === 0) {
    const names = all.map(({ name }) => name).join(', ');
    throw new Fault('expect-missing', `no clusters to compare with: ${names} has no expect`);
  }
  const expected = expectedOf(jobs, ports.clusters, options);
  const whole = new KeptRecords(wholeZones(ports.records));
  const read = { ...ports, records: whole.kept };
  const verdicts = await verify(jobs, read, { ...options, brief: true });
  const known = await Promise.all(verdicts.map((verdict) => withList(verdict, read, options)));
  return judged(jobs, await expected, whole.kept, known, options);
}

/** What a run listed, how it left its lists, and the servers that were asked after it. */
export interface RunResults {
  readonly records: KeptRecords;
  readonly outcomes: readonly Outcome[];
  readonly verdicts: readonly Verdict[];
}

/** The same after a run: no zone is listed again, and only lists that the run did not read are read. */
export async function coverageAfter(
  jobs: readonly Job[],
  { records, outcomes, verdicts }: RunResults,
  ports: CoveragePorts,
  options: Run,
): Promise<JobCoverage[]> {
  const expected = expectedOf(jobs, ports.clusters, options);
  const read = { ...ports, records: records.kept };
  const known: Verdict[] = [];
  for (const outcome of outcomes.filter(({ job }) => jobs.includes(job))) {
    const { job, place } = outcome;
    const verdict = verdicts.find((it) => it.job === job && it.place.location === place.location);
    if (verdict) known.push(await withList(verdict, read, options));
    else known.push(...(await listOf(outcome, read, options)));
  }
  return judged(jobs, await expected, records.kept, known, options);
}

async function expectedOf(
  jobs: readonly Job[],
  clusters: Clusters,
  run: Run,
): Promise<Map<Job, ExpectedList>> {
  const expected = new ExpectedClusters(clusters, run);
  const lists = jobs.map(async (job) => [job, await expected.of(job)] as const);
  return new Map(await Promise.all(lists));
}

/** What a run knows of its list, or else what is in it now; no server is asked. */
async function listOf(outcome: Outcome, ports: CoveragePorts, run: Run): Promise<Verdict[]> {
  const { job, place } = outcome;
  if (isKnown(outcome)) {
    return verifyWritten([{ ...outcome, place: { ...place, servers: [] } }], ports.servers, run);
  }
  return verify([{ ...job, to: [place] }], ports, { ...run, serversOf: () => [] });
}

/** Of a server that could not be asked: its list, and that fault. */
async function withList(verdict: Verdict, ports: CoveragePorts, run: Run): Promise<Verdict> {
  const { job, place, fault } = verdict;
  if (!fault || place.servers.length === 0) return verdict;
  const [list] = await verify([{ ...job, to: [place] }], ports, { ...run, serversOf: () => [] });
  return list && !list.fault ? { ...list, fault } : verdict;
}

async function judged(
  jobs: readonly Job[],
  expected: ReadonlyMap<Job, ExpectedList>,
  records: Records,
  verdicts: readonly Verdict[],
  run: Run,
): Promise<JobCoverage[]> {
  const listings = new Listings(records, jobs, run);
  const all: JobCoverage[] = [];
  for (const job of jobs) {
    const list = expected.get(job) ?? { all: [], faults: [] };
    // Of a place: a job that was verified by itself is a copy.
    const own = verdicts.filter((verdict) => verdict.job.name === job.name);
    try {
      const listed = await listings.of(job);
      all.push(coverageOf(job, { expected: list, listings: listed, verdicts: own }));
    } catch (error) {
      all.push({ job, clusters: [], orphaned: [], faults: [...list.faults, asFault(error)] });
    }
  }
  return all;
}
