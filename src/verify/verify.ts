import { asFault, Fault } from '../fault.ts';
import type { Job, Place, Server } from '../job.ts';
import { blockedBy, keptUntil, LiveLists, nextOutcome } from '../live-lists.ts';
import type { Objects } from '../objects/objects.ts';
import { Listings } from '../records/listings.ts';
import type { Records } from '../records/records.ts';
import { inList, type Outcome } from '../report.ts';
import type { Run } from '../run.ts';
import { type About, identityOf } from '../servers/server.ts';
import type { Servers } from '../servers/servers.ts';
import { hostOfAddress } from '../targets/address.ts';
import { targetsOf, type WantedTarget } from '../targets/targets.ts';
import { usableIn } from '../targets/usable.ts';
import { type ServerList, type Standing, type State, standings } from './agreement.ts';
import type { Resolution, Resolver } from './resolver.ts';
import type { AskedServer, Verdict } from './verdict.ts';

export interface VerifyPorts {
  readonly records: Records;
  /** Only read. */
  readonly objects: Objects;
  readonly servers: Servers;
}

export interface VerifyOptions extends Run {
  readonly resolver?: Resolver | undefined;
  /** The servers of a place, where they are not those of the settings. */
  readonly serversOf?: (place: Place) => readonly Server[];
  /** Omits the servers' versions, and whether their last reload succeeded. */
  readonly brief?: boolean;
}

/** Compares zones, lists and servers: one verdict per job and place, and what failed in it. */
export async function verify(
  jobs: readonly Job[],
  ports: VerifyPorts,
  options: VerifyOptions,
): Promise<Verdict[]> {
  const listings = new Listings(ports.records, jobs, options);
  const lists = new LiveLists(ports.objects, options);
  const asked = new AskedServers(ports.servers, options);
  const verdicts: Verdict[] = [];
  for (const job of jobs) {
    for (const place of job.to) {
      verdicts.push(
        await verifyList(job, place, { listings, lists, asked }, options).catch((error) =>
          unknown(job, place, asFault(error)),
        ),
      );
    }
  }
  return verdicts;
}

/** Compares lists with their servers after a run, as it left them: nothing is listed or read for it. */
export async function verifyWritten(
  outcomes: readonly Outcome[],
  servers: Servers,
  options: Run,
): Promise<Verdict[]> {
  const asked = new AskedServers(servers, options);
  const verdicts: Verdict[] = [];
  for (const outcome of outcomes) {
    const { job, place, fault } = outcome;
    const targets = inList(outcome);
    try {
      const { lists, abouts } = await asked.ask(job, place, place.servers);
      const stands = standings({ wanted: targets, listed: targets, servers: lists });
      const held = new Set(outcome.kept.map(({ target }) => target.address));
      const fine = stands.every((it) => isFine(it, held.has(it.address)));
      const agrees = fine && isSettled(fault, abouts);
      const { skipped } = outcome;
      const rest = { paused: false, refused: fault, targets: stands, skipped, agrees };
      verdicts.push({ job, place, servers: abouts, ...rest, fault: undefined });
    } catch (error) {
      verdicts.push(unknown(job, place, asFault(error)));
    }
  }
  return verdicts;
}

function unknown(job: Job, place: Place, fault: Fault): Verdict {
  const nothing = { servers: [], paused: false, refused: undefined, targets: [], skipped: [] };
  return { job, place, ...nothing, agrees: false, fault };
}

async function verifyList(
  job: Job,
  place: Place,
  parts: { readonly listings: Listings; readonly lists: LiveLists; readonly asked: AskedServers },
  options: VerifyOptions,
): Promise<Verdict> {
  const list = await parts.lists.read(job, place);
  if (list instanceof Fault) throw list;
  const all = targetsOf(job, await parts.listings.of(job));
  const { targets: wanted, skipped } = usableIn(list, all);
  const next = nextOutcome(job, place, list, all);
  const { lists, abouts } = await parts.asked.ask(
    job,
    place,
    options.serversOf?.(place) ?? place.servers,
  );
  const kept = next.kept.map(({ target }) => target);
  const stands = standings({
    wanted: [...wanted, ...kept],
    listed: list.targets,
    servers: lists,
  });
  const resolutions = await resolve(stands, options);
  const targets = stands.map((standing) => {
    const host = hostOfAddress(standing.address);
    const resolution = withSearchList(resolutions?.get(host), standing, wanted);
    const until = keptUntil(next, host);
    const why = until === undefined ? [] : [`its name is gone; kept until ${until}`];
    const detail = [standing.detail, ...why].filter((it) => it !== undefined).join('; ');
    const blocked = blockedBy(next, host);
    return { ...standing, detail: detail || undefined, resolution, blocked };
  });
  const fine = targets.every(
    (target) =>
      isFine(target, target.blocked === 'kept') &&
      (target.blocked === 'kept' || !target.resolution?.problem || target.resolution.searched),
  );
  return {
    job,
    place,
    servers: abouts,
    paused: list.snapshot.paused,
    targets,
    skipped,
    refused: next.fault,
    agrees: fine && isSettled(next.fault, abouts),
    fault: undefined,
  };
}

/** The guard refuses nothing, and every server uses its latest configuration. */
function isSettled(refused: Fault | undefined, servers: readonly AskedServer[]): boolean {
  return !refused && servers.every(({ reloaded }) => reloaded !== false);
}

/** A kept target has no name any more: it may be down, and need not resolve. */
function isFine({ state }: Standing, isKept: boolean): boolean {
  return (isKept ? HELD : FINE).includes(state);
}
const FINE: readonly State[] = ['scraped', 'listed'];
const HELD: readonly State[] = [...FINE, 'waiting', 'down'];

async function resolve(
  stands: readonly Standing[],
  { resolver, ...run }: VerifyOptions,
): Promise<Map<string, Resolution> | undefined> {
  const hosts = stands
    .filter(({ state }) => state !== 'unwanted')
    .map(({ address }) => hostOfAddress(address));
  return resolver?.resolve(hosts.filter(isName), run);
}

const isName = (host: string) => !host.startsWith('[') && !/^[0-9.]+$/.test(host);

/** A pod resolves short names of `also`, such as prometheus-server.monitoring, only with its search list. */
function withSearchList(
  resolution: Resolution | undefined,
  { address }: Standing,
  wanted: readonly WantedTarget[],
): Resolution | undefined {
  const origins = wanted.find((target) => target.address === address)?.origins ?? [];
  const short = origins.every(({ kind }) => kind === 'also') && !/\.(:|\/|$)/.test(address);
  return resolution?.problem && short ? { ...resolution, searched: true } : resolution;
}

/** Queries each server's configuration once, for all lists that it reads. */
class AskedServers {
  readonly #servers: Servers;
  readonly #run: Run & { readonly brief?: boolean };
  readonly #abouts = new Map<string, Promise<About>>();

  constructor(servers: Servers, run: Run & { readonly brief?: boolean }) {
    this.#servers = servers;
    this.#run = run;
  }

  async ask(
    job: Job,
    place: Place,
    servers: readonly Server[],
  ): Promise<{ lists: ServerList[]; abouts: AskedServer[] }> {
    const lists: ServerList[] = [];
    const abouts: AskedServer[] = [];
    for (const named of servers) {
      const server = await this.#servers.open(named, place.format);
      const key = `${place.format === 'thanos_endpoints'} ${server.url}`;
      const asking = this.#abouts.get(key) ?? server.about(this.#run, this.#run.brief);
      this.#abouts.set(key, asking);
      const about = await asking;
      const { targets, pool, mixed } = await server.served(
        identityOf(job, place),
        about,
        this.#run,
      );
      lists.push({ url: server.url, loaded: targets, pool, mixed });
      const { yaml: _, ...rest } = about;
      abouts.push({ url: server.url, ...rest });
    }
    return { lists, abouts };
  }
}
