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
import { hostsOf, type SourceRecords } from './suggest.ts';

/** The zones' names, and the live lists that they may match. */
export interface Survey {
  readonly sources: readonly SourceRecords[];
  readonly format: DocumentJobs['format'];
  readonly lists: readonly { readonly job: string; readonly targets: readonly Target[] }[];
}

/**
 * Reads document and sources. Returns the lists of the named jobs, or those with names of the sources,
 * or the one with the usual name.
 *
 * @throws Fault `job-missing`, and everything that reading throws
 */
export async function survey(
  {
    location,
    sources,
    named,
  }: {
    readonly location: Location;
    readonly sources: readonly Source[];
    readonly named: readonly string[] | undefined;
  },
  { objects, records, route53 }: Pick<Connection, 'objects' | 'records' | 'route53'>,
  usualJob: string,
  run: Run,
): Promise<Survey> {
  const snapshot = await objects.read(objectOf(location), { create: false }, run);
  const text = textAt(snapshot, { location, create: false }) ?? '';
  const read: SourceRecords[] = [];
  for (const source of sources) {
    const { recordSets: listed } = await records.list(source, undefined, run);
    const soa = listed.find(({ type }) => type === 'SOA')?.name;
    const name = 'zone' in source ? (await route53.zone(source, run)).Name : soa;
    read.push({ source, zone: name === undefined ? '' : hostOf(name), records: listed });
  }
  const file = fileNameOf(location);
  const { format, jobs } =
    location.kind === 'scrapeConfig' ? scrapeConfigOf(text) : jobsOf(text, file.endsWith('.json'));
  const own = jobs.map(({ job, targets }) => ({
    // Where the document holds only the list, the settings still need a name.
    job: job === '' ? (named?.[0] ?? nameOf(location)) : job,
    targets,
  }));
  const chosen = choose(own, read, named, usualJob, location);
  const lists = chosen.map(({ job, targets }) => {
    if (targets instanceof Fault) throw targets;
    return { job, targets };
  });
  return { sources: read, format, lists };
}

/** The name of a list that has no job_name. */
function nameOf(location: Location): string {
  if (location.kind === 'scrapeConfig') return location.name;
  return basename(fileNameOf(location)).replace(/\.[^.]*$/, '');
}

type DocumentJob = DocumentJobs['jobs'][number];

function choose(
  jobs: readonly DocumentJob[],
  sources: readonly SourceRecords[],
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
  const hosts = sources.map(hostsOf);
  const explained = jobs.filter(
    ({ targets }) =>
      !(targets instanceof Fault) &&
      targets.some(({ address }) => hosts.some((names) => names.has(hostOfAddress(address)))),
  );
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
