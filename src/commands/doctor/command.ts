import type { Connection } from '../../connect.ts';
import { asFault, Fault } from '../../fault.ts';
import type { Job, Place } from '../../job.ts';
import { LiveLists } from '../../live-lists.ts';
import {
  type KubernetesRef,
  type Location,
  locationText,
  objectKey,
  objectOf,
  objectText,
} from '../../location.ts';
import type { Pod } from '../../objects/kubernetes/mounts.ts';
import { objectPath } from '../../objects/kubernetes/resource.ts';
import { Listings } from '../../records/listings.ts';
import type { Run } from '../../run.ts';
import { findSettings } from '../../settings/find.ts';
import { judge } from '../../targets/guard.ts';
import { NOTHING_GONE } from '../../targets/memory.ts';
import { targetsOf } from '../../targets/targets.ts';
import { count } from '../../wording.ts';
import { type Command, exitCodes, type Invocation, type Session } from '../command.ts';
import { asRun } from '../hints.ts';
import { type Paint, painter, visible } from '../print.ts';
import { openSession } from '../session.ts';
import { checkAddresses } from './address-check.ts';
import { checkIdentity, checkSources } from './aws-check.ts';
import { checkCluster } from './cluster-check.ts';
import { checkEvents } from './events-check.ts';
import { checkExpect, expectsEks } from './expect-check.ts';
import { type Finding, failure, fromError, ok, warning } from './finding.ts';
import { checkMounts, mountsByHand, podsMounting } from './mounts.ts';
import { checkFile, checkList, checkObject } from './place-check.ts';
import { checkReach } from './reach-check.ts';
import { type NamedObject, Rights } from './rights-check.ts';
import { checkScrapeConfig } from './scrape-config-check.ts';
import { checkServers } from './server-check.ts';

/** Checks everything that a sync needs, and writes nothing. */
export const doctorCommand: Command = {
  summary:
    'check what a sync needs: credentials, permissions, zones, cluster, objects, each with its remedy',
  flags: [],
  run: async (invocation) => {
    const { args, surroundings } = invocation;
    const { stdout, env } = surroundings;
    const findings = (await examine(invocation)).map((finding) =>
      finding.remedy ? { ...finding, remedy: asRun(finding.remedy, invocation) } : finding,
    );
    const failures = findings.filter(({ status }) => status === 'failure').length;
    const warnings = findings.filter(({ status }) => status === 'warning').length;
    stdout.write(
      args.json
        ? `${JSON.stringify({ failures, warnings, findings }, null, 2)}\n`
        : `${findingLines(findings, painter(stdout, env)).join('\n')}\n${count(failures, 'failure')}, ${count(warnings, 'warning')}\n`,
    );
    return failures > 0 ? exitCodes.failed : exitCodes.done;
  },
};

async function examine(invocation: Invocation): Promise<Finding[]> {
  const { args, surroundings } = invocation;
  let session: Session;
  try {
    const settings = await findSettings(args.config, surroundings.folder, surroundings.env);
    session = openSession(invocation, settings);
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'job-unknown' || fault.details.length === 0)
      return [fromError('settings', fault)];
    return fault.details.map((detail) =>
      failure('settings', `${fault.code}: ${detail}`, fault.remedy),
    );
  }
  const { connection, jobs, settings, signal } = session;
  const run = { signal };
  const places = jobs.flatMap(({ to }) => to);
  const zones = jobs.some(({ from }) => from.some(({ source }) => 'zone' in source));
  const objects = objectsOf(places);
  const eks = objects.length > 0 && settings.cluster !== undefined && 'eks' in settings.cluster;

  const findings = [
    ok('settings', `${count(jobs.length, 'job')}, ${count(places.length, 'place')}`),
  ];
  const identity =
    zones || eks || expectsEks(jobs)
      ? await checkIdentity(connection, run)
      : { findings: [], known: true };
  findings.push(...identity.findings);
  findings.push(...(await checkSources(jobs, connection, identity.known, run)));
  if (identity.known) findings.push(...(await checkSelections(jobs, connection, run)));
  findings.push(...(await checkExpect(jobs, connection, identity.known, run)));
  if (identity.known) findings.push(...(await checkEvents(session, run)));
  let reached = objects.length > 0 && (identity.known || !eks);
  if (reached) {
    const cluster = await checkCluster(settings, connection, run);
    findings.push(...cluster.findings);
    reached = cluster.reached;
  }
  const mounting = new Map<string, Pod[]>();
  if (reached) findings.push(...(await checkObjects(session, places, objects, mounting)));
  const lists = new LiveLists(connection.dryRun, run);
  for (const place of places) findings.push(...(await checkFile(place)));
  for (const job of jobs) {
    // A cluster that cannot be reached is already reported.
    const readable = job.to.filter(({ location }) => location.kind === 'file' || reached);
    for (const place of readable) {
      const list = await checkList(job, place, lists);
      findings.push(...list.filter((finding) => !isReported(finding, place, findings)));
    }
    findings.push(...checkLabels(job));
  }
  findings.push(...(await checkServers(jobs, connection.servers, mounting, run)));
  return findings;
}

/** Rights that are missing are reported with the object already. */
function isReported({ code }: Finding, { location }: Place, findings: readonly Finding[]): boolean {
  if (code !== 'kubernetes-forbidden' || location.kind === 'file') return false;
  const about = objectText(location);
  return findings.some((finding) => finding.status === 'failure' && finding.about === about);
}

/** Whether enough names are selected; a source that cannot be read is already reported. */
async function checkSelections(
  jobs: readonly Job[],
  { records }: Connection,
  run: Run,
): Promise<Finding[]> {
  const listings = new Listings(records, jobs, run);
  const findings: Finding[] = [];
  for (const job of jobs) {
    const wanted = await listings.of(job).then((listed) => targetsOf(job, listed), asFault);
    if (wanted instanceof Fault) continue;
    const after = wanted.targets;
    const list = { job, before: [], after, adopted: true, near: wanted.near };
    const { fault } = judge({ ...list, gone: NOTHING_GONE, now: 0 });
    if (fault)
      findings.push(warning(job.name, `a sync would be refused: ${fault.message}`, SELECT));
    findings.push(...checkAddresses(job, wanted));
  }
  return findings;
}

const SELECT =
  'Correct select.name (federation-sync explain NAME shows why a name is left out), or set guard.minTargets.';

/** Labels that Prometheus sets too: the list's value wins, in all series of the target. */
function checkLabels({ name, from, also }: Job): Finding[] {
  const names = new Set([...from, ...also].flatMap(({ labels }) => Object.keys(labels)));
  return ['job', 'instance']
    .filter((label) => names.has(label))
    .map((label) =>
      warning(
        name,
        `the label ${label} replaces the one that Prometheus sets`,
        `Use another label, unless that is intended: alerts and dashboards select by ${label}.`,
      ),
    );
}

/** Rights on the objects, the objects themselves, and how pods see them. */
async function checkObjects(
  { connection, signal }: Session,
  places: readonly Place[],
  objects: readonly NamedObject[],
  mounting: Map<string, Pod[]>,
): Promise<Finding[]> {
  const client = connection.kubernetes();
  const run = { signal };
  const rights = new Rights(client, run);
  const findings = await rights.check(objects);
  findings.push(...(await checkReach(places, client, rights, run)));
  const keys = new Map(places.map((place) => [locationText(place.location), place]));
  for (const place of keys.values()) {
    const { location, format } = place;
    if (location.kind === 'file') continue;
    const { namespace } = location;
    const path = `/api/v1/namespaces/${namespace}`;
    try {
      const about = objectText(location);
      const object = client.request('GET', objectPath(location), run);
      if (location.kind === 'scrapeConfig') {
        const found = await object.catch(() => undefined);
        if (found !== undefined) findings.push(...checkObject(found, place));
        findings.push(...(await checkScrapeConfig(location, found, client, rights, run)));
        continue;
      }
      findings.push(...checkObject(await object, place));
      if (await rights.may({ verb: 'list', resource: 'pods', namespace })) {
        const { items } = (await client.request('GET', `${path}/pods`, run)) as { items: Pod[] };
        const pods = podsMounting(location, items);
        mounting.set(objectKey(objectOf(location)), pods);
        const isServed = place.servers.length > 0;
        findings.push(...checkMounts(about, location, location.key, format, pods, isServed));
      } else findings.push(mountsByHand(about, namespace));
    } catch {
      // An object that cannot be read is reported with its list.
    }
  }
  return findings;
}

/** Each object once, even if several of its keys are named. */
function objectsOf(places: readonly Place[]): NamedObject[] {
  const inCluster = places.filter(
    (place): place is Place & { location: Exclude<Location, { kind: 'file' }> } =>
      place.location.kind !== 'file',
  );
  const same = Map.groupBy(inCluster, ({ location }) => objectText(location));
  return [...same.values()].map((group) => {
    const [{ location }] = group as [(typeof group)[number]];
    const object = objectOf(location) as KubernetesRef;
    return { ...object, create: group.some(({ create }) => create) };
  });
}

const COLOURS = { ok: 'green', note: 'cyan', warning: 'yellow', failure: 'red' } as const;

function findingLines(findings: readonly Finding[], paint: Paint): string[] {
  const width = Math.max(...findings.map(({ about }) => visible(about).length));
  return findings.flatMap(({ status, message, remedy, ...finding }) => {
    const about = visible(finding.about);
    const line = `${paint(COLOURS[status], status.padEnd(7))}  ${about.padEnd(width)}  ${visible(message)}`;
    return remedy === undefined
      ? [line]
      : [line, `${' '.repeat(9 + width + 2)}-> ${visible(remedy)}`];
  });
}
