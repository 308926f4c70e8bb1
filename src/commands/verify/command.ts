import { asFault, Fault } from '../../fault.ts';
import type { Job, Place } from '../../job.ts';
import { Listings } from '../../records/listings.ts';
import { hostOfAddress } from '../../targets/address.ts';
import { targetsOf, type WantedTarget } from '../../targets/targets.ts';
import { usableIn } from '../../targets/usable.ts';
import { type Command, exitCodes, type Session } from '../command.ts';
import { blockedBy, keptUntil, LiveLists, nextOutcome } from '../live-lists.ts';
import { painter, printFault } from '../print.ts';
import { withSettings } from '../session.ts';
import { type Standing, type State, standings } from './agreement.ts';
import { baseName, type ListIdentity, loadedList, poolsOf } from './loaded.ts';
import { verdictJson, verdictLines } from './print.ts';
import { type About, type PoolTargets, Prometheus } from './prometheus.ts';
import { type Resolution, type Resolver, resolverAt } from './resolver.ts';
import type { Verdict } from './verdict.ts';

export const verifyCommand: Command = {
  summary:
    'compare the lists with a Prometheus server: its configuration, its targets, and their names',
  flags: ['prometheus', 'resolver'],
  check: ({ prometheus, resolver }) => {
    if (resolver !== undefined) resolverAt(resolver);
    if (prometheus !== undefined) new Prometheus(prometheus);
  },
  run: withSettings(async (session) => {
    const { args, jobs, surroundings } = session;
    const resolver = args.resolver === undefined ? undefined : resolverAt(args.resolver);
    const places = jobs.flatMap(({ to }) => to);
    if (!resolver && places.every((place) => urlFor(session, place) === undefined)) {
      throw new Fault('usage', 'no Prometheus server and no resolver to query', {
        remedy: 'Use --prometheus URL or --resolver IP, or set prometheus: in the settings.',
      });
    }
    const verdicts = await verify(session, resolver);
    const { stdout, env } = surroundings;
    const agrees = verdicts.every((verdict) => verdict.agrees);
    if (args.json) {
      stdout.write(`${JSON.stringify({ agrees, jobs: verdicts.map(verdictJson) }, null, 2)}\n`);
    } else {
      const paint = painter(stdout, env);
      for (const verdict of verdicts) stdout.write(`${verdictLines(verdict, paint).join('\n')}\n`);
    }
    for (const { fault, job } of verdicts) if (fault) printFault(session, fault, job.name);
    if (verdicts.some(({ fault }) => fault)) return exitCodes.failed;
    return agrees ? exitCodes.done : exitCodes.differs;
  }),
};

function urlFor({ args }: Session, place: Place): string | undefined {
  if (place.format === 'thanos_endpoints') return undefined;
  return args.prometheus ?? place.prometheus;
}

async function verify(session: Session, resolver: Resolver | undefined): Promise<Verdict[]> {
  const { connection, jobs, signal } = session;
  const listings = new Listings(connection.records, jobs, { signal });
  const lists = new LiveLists(connection.dryRun, { signal });
  const servers = new Servers(session);
  const verdicts: Verdict[] = [];
  for (const job of jobs) {
    for (const place of job.to) {
      const blank = {
        job,
        place,
        server: undefined,
        paused: false,
        refused: undefined,
        targets: [],
        agrees: false,
      };
      try {
        verdicts.push(
          await verifyList(job, place, { listings, lists, servers, resolver, session }),
        );
      } catch (error) {
        verdicts.push({ ...blank, fault: asFault(error) });
      }
    }
  }
  return verdicts;
}

async function verifyList(
  job: Job,
  place: Place,
  parts: {
    readonly listings: Listings;
    readonly lists: LiveLists;
    readonly servers: Servers;
    readonly resolver: Resolver | undefined;
    readonly session: Session;
  },
): Promise<Verdict> {
  const list = await parts.lists.read(job, place);
  if (list instanceof Fault) throw list;
  const all = targetsOf(job, await parts.listings.of(job));
  const { targets: wanted } = usableIn(list, all);
  const next = nextOutcome(job, place, list, all);
  const server = await parts.servers.ask(job, place);
  const kept = next.kept.map(({ target }) => target);
  const stands = standings({ wanted: [...wanted, ...kept], listed: list.targets, server });
  const resolutions = await resolve(stands, parts.resolver, parts.session);
  const targets = stands.map((standing) => {
    const host = hostOfAddress(standing.address);
    const resolution = withSearchList(resolutions?.get(host), standing, wanted);
    const until = keptUntil(next, host);
    const why = until === undefined ? [] : [`its name is gone; kept until ${until}`];
    const detail = [standing.detail, ...why].filter((it) => it !== undefined).join('; ');
    return {
      ...standing,
      detail: detail || undefined,
      resolution,
      blocked: blockedBy(next, host),
    };
  });
  const fine = targets.every(
    ({ state, resolution, blocked }) =>
      // A target without a name may be down, and need not resolve.
      (blocked === 'kept' && HELD.includes(state)) ||
      ((state === 'scraped' || state === 'listed') &&
        (!resolution?.problem || resolution.searched === true)),
  );
  return {
    job,
    place,
    server: server && { url: server.url, ...server.about },
    paused: list.snapshot.paused,
    targets,
    refused: next.fault,
    agrees: fine && !next.fault && server?.about.reloaded !== false,
    fault: undefined,
  };
}

/** The states of a kept target that is in the list, and that the server has loaded, if one was queried. */
const HELD: readonly State[] = ['listed', 'scraped', 'waiting', 'down'];

async function resolve(
  stands: readonly Standing[],
  resolver: Resolver | undefined,
  { signal }: Session,
): Promise<Map<string, Resolution> | undefined> {
  const hosts = stands
    .filter(({ state }) => state !== 'unwanted')
    .map(({ address }) => hostOfAddress(address));
  return resolver?.resolve(hosts.filter(isName), { signal });
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
class Servers {
  readonly #session: Session;
  readonly #abouts = new Map<string, Promise<About>>();

  constructor(session: Session) {
    this.#session = session;
  }

  async ask(job: Job, place: Place) {
    const written = urlFor(this.#session, place);
    const { format, location } = place;
    if (written === undefined || format === 'thanos_endpoints') return undefined;
    const run = { signal: this.#session.signal };
    const server = new Prometheus(written);
    const asking = this.#abouts.get(written) ?? server.about(run);
    this.#abouts.set(written, asking);
    const about = await asking;
    const file = location.kind === 'file' ? location.path : location.key;
    const asked: ListIdentity = { format, job: job.job, fileName: baseName(file) };
    const pools = poolsOf(about.yaml, asked) ?? [undefined];
    const answers: PoolTargets[] = [];
    for (const pool of pools) answers.push(await server.targets(pool, run));
    const pool: PoolTargets = {
      active: answers.flatMap(({ active }) => active),
      dropped: answers.flatMap(({ dropped }) => dropped),
      forgotten: answers.reduce((sum, { forgotten }) => sum + forgotten, 0),
    };
    return { url: server.url, about, pool, loaded: loadedList(about.yaml, asked, pool) };
  }
}
