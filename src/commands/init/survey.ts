import { basename } from 'node:path';
import type { Connection } from '../../connect.ts';
import { Fault } from '../../fault.ts';
import type { Source } from '../../job.ts';
import { fileNameOf, type Location, locationText, objectOf } from '../../location.ts';
import { textAt } from '../../objects/objects.ts';
import { hostOf } from '../../records/name.ts';
import type { Run } from '../../run.ts';
import type { Target } from '../../target.ts';
import { hostOfAddress } from '../../targets/address.ts';
import { type DocumentJobs, jobsOf, scrapeConfigOf } from './document-jobs.ts';
import { onlyMatch, scrapeConfigsIn } from './scrape-configs.ts';
import { hostsOf, type SourceRecords } from './suggest.ts';
import type { Where } from './where.ts';

/** The zones' names, and the live lists that they may match. */
export interface Survey {
  readonly location: Location;
  readonly sources: readonly SourceRecords[];
  readonly format: DocumentJobs['format'];
  readonly lists: readonly { readonly job: string; readonly targets: readonly Target[] }[];
}

/**
 * Reads document and sources. Returns the lists of the named jobs, or those with names of the sources, or the one with
 * the usual name. Where no list is named, the document is the ScrapeConfig with names of the sources.
 *
 * @throws Fault `job-missing`, `usage`, and everything that reading throws
 */
export async function survey(
  where: Pick<Where, 'location' | 'namespace' | 'sources'>,
  named: readonly string[] | undefined,
  connection: Pick<Connection, 'objects' | 'records' | 'route53' | 'kubernetes'>,
  usualJob: string,
  run: Run,
): Promise<Survey> {
  const { location: given, namespace } = where;
  const candidates = given
    ? await textOf(given, connection, run)
    : await scrapeConfigsIn(namespace, connection.kubernetes(), run);
  const read = await recordsOf(where.sources, connection, run);
  const hosts = read.map(hostsOf);
  const { location, text } =
    'text' in candidates
      ? candidates
      : onlyMatch(candidates, ({ text }) => scrapeConfigOf(text).jobs.some(isExplainedBy(hosts)));
  const file = fileNameOf(location);
  const { format, jobs } =
    location.kind === 'scrapeConfig' ? scrapeConfigOf(text) : jobsOf(text, file.endsWith('.json'));
  const own = jobs.map(({ job, targets }) => ({
    // Where the document holds only the list, the settings still need a name.
    job: job === '' ? (named?.[0] ?? nameOf(location)) : job,
    targets,
  }));
  const chosen = choose(own, hosts, named, usualJob, location);
  const lists = chosen.map(({ job, targets }) => {
    if (targets instanceof Fault) throw targets;
    return { job, targets };
  });
  return { location, sources: read, format, lists };
}

async function textOf(location: Location, { objects }: Pick<Connection, 'objects'>, run: Run) {
  const snapshot = await objects.read(objectOf(location), { create: false }, run);
  return { location, text: textAt(snapshot, { location, create: false }) ?? '' };
}

/** The record sets of each source, and its name: that of the zone, or of an export's SOA record. */
async function recordsOf(
  sources: readonly Source[],
  { records, route53 }: Pick<Connection, 'records' | 'route53'>,
  run: Run,
): Promise<SourceRecords[]> {
  const read: SourceRecords[] = [];
  for (const source of sources) {
    const { recordSets: listed } = await records.list(source, undefined, run);
    const soa = listed.find(({ type }) => type === 'SOA')?.name;
    const name = 'zone' in source ? (await route53.zone(source, run)).Name : soa;
    read.push({ source, zone: name === undefined ? '' : hostOf(name), records: listed });
  }
  return read;
}

/** Whether a list has a target of these names. */
function isExplainedBy(hosts: readonly ReadonlySet<string>[]) {
  return ({ targets }: DocumentJob): boolean =>
    !(targets instanceof Fault) &&
    targets.some(({ address }) => hosts.some((names) => names.has(hostOfAddress(address))));
}

/** The name of a list that has no job_name. */
function nameOf(location: Location): string {
  if (location.kind === 'scrapeConfig') return location.name;
  return basename(fileNameOf(location)).replace(/\.[^.]*$/, '');
}

type DocumentJob = DocumentJobs['jobs'][number];

function choose(
  jobs: readonly DocumentJob[],
  hosts: readonly ReadonlySet<string>[],
  named: readonly string[] | undefined,
  usualJob: string,
  location: Location,
): readonly DocumentJob[] {
  if (named !== undefined) {
    const missing = named.filter((name) => !jobs.some(({ job }) => job === name));
    if (missing.length > 0) throw jobMissing(missing.join(', '), jobs, location);
    return jobs.filter(({ job }) => named.includes(job));
  }
  if (jobs.length === 1) return jobs;
  const explained = jobs.filter(isExplainedBy(hosts));
  if (explained.length > 0) return explained;
  const usual = jobs.filter(({ job }) => job === usualJob);
  if (usual.length > 0) return usual;
  throw jobMissing(usualJob, jobs, location);
}

function jobMissing(name: string, jobs: readonly DocumentJob[], location: Location): Fault {
  const names = jobs.map(({ job }) => job).join(', ') || 'none';
  const what = `${locationText(location)} has no job ${name}, and no list with names of the zone`;
  return new Fault('job-missing', `${what}; its jobs: ${names}`, {
    remedy: 'Name the job of the list with --job.',
  });
}
