import type { ActiveTarget, PoolTargets } from '../servers/server.ts';
import type { Target } from '../target.ts';
import { labelKey } from '../targets/targets.ts';
import { likelyCause } from './likely-cause.ts';

/** How far a target is on its way from the zone to the scrape; the first state that applies. */
export type State =
  | 'not-synced' // wanted, but not in the list
  | 'not-loaded' // in the list; the server has not loaded it
  | 'dropped' // loaded; dropped by relabelling
  | 'waiting' // loaded; not scraped yet
  | 'down' // its scrape fails
  | 'scraped'
  | 'listed' // in the list; no server was queried
  | 'unwanted'; // not wanted, but in the list, or loaded, or both

export interface Standing extends Target {
  readonly state: State;
  /** Prometheus's error for a target that is down; otherwise a note. */
  readonly detail: string | undefined;
  /** Why a target that is down probably is, in one phrase. */
  readonly cause?: string | undefined;
}

/** What one server has loaded, and scrapes. */
export interface ServerList {
  readonly url: string;
  readonly loaded: readonly Target[];
  readonly pool: PoolTargets;
  /** Targets that are not ours may be among them. */
  readonly mixed: boolean;
}

/** The list at each stage. */
export interface Stages {
  /** What a sync would write now. */
  readonly wanted: readonly Target[];
  /** What is in the document. */
  readonly listed: readonly Target[];
  /** The servers that were queried; all of them must agree. */
  readonly servers: readonly ServerList[];
}

type Stand = Pick<Standing, 'state' | 'detail' | 'cause'>;

/** The state of each wanted target, and of each unwanted one. With several servers, the worst state counts. */
export function standings({ wanted, listed, servers }: Stages): Standing[] {
  const inList = byAddress(listed);
  const loaded = servers.map((server) => ({ ...server, byAddress: byAddress(server.loaded) }));
  const isAlone = servers.length < 2;
  const known = wanted.map((target): Standing => {
    const here = compare(target, inList);
    if (here !== 'same') {
      const has = loaded.find((server) => compare(target, server.byAddress) === 'same');
      const note = has && `but ${isAlone ? 'the server' : has.url} has loaded it`;
      const detail = here === 'absent' ? note : `the list has ${here.other}`;
      return { ...plain(target), state: 'not-synced', detail };
    }
    const stands = loaded.map((server): Stand => {
      const stand = standOf(target, server);
      if (isAlone || stand.state === 'scraped') return stand;
      return { ...stand, detail: [server.url, stand.detail].filter(Boolean).join(': ') };
    });
    return { ...plain(target), ...worstOf(stands) };
  });
  const wants = byAddress(wanted);
  const ours = loaded.filter(({ mixed }) => !mixed);
  const found = [inList, ...ours.map((server) => server.byAddress)].flatMap((it) => [...it.keys()]);
  const others = [...new Set(found)]
    .filter((address) => !wants.has(address))
    .map((address): Standing => {
      const [listedOne] = inList.get(address) ?? [];
      const holders = ours.filter((server) => server.byAddress.has(address));
      const target = listedOne ?? (holders[0]?.byAddress.get(address)?.[0] as Target);
      const by = isAlone ? '' : holders.map(({ url }) => url).join(', ');
      const detail = whereIs(listedOne !== undefined, holders.length > 0, ours.length > 0, by);
      return { ...plain(target), state: 'unwanted', detail };
    });
  return [...known, ...others];
}

function whereIs(inList: boolean, isLoaded: boolean, isAsked: boolean, by: string) {
  if (!isAsked) return 'in the list';
  const loaded = by ? `loaded by ${by}` : 'loaded';
  if (inList && isLoaded) return `in the list, and ${loaded}`;
  return inList ? 'in the list, not loaded' : `${loaded}, but no longer in the list`;
}

const FROM_WORST: readonly State[] = ['not-loaded', 'dropped', 'down', 'waiting', 'scraped'];

function worstOf(stands: readonly Stand[]): Stand {
  for (const state of FROM_WORST) {
    const stand = stands.find((it) => it.state === state);
    if (stand) return stand;
  }
  return { state: 'listed', detail: undefined };
}

function standOf(
  target: Target,
  server: ServerList & { readonly byAddress: ReadonlyMap<string, readonly Target[]> },
): Stand {
  const here = compare(target, server.byAddress);
  if (here === 'same') return scrapeOf(target, server.pool);
  const absent = server.mixed ? NOT_IN_QUERY : undefined;
  return { state: 'not-loaded', detail: here === 'absent' ? absent : `loaded as ${here.other}` };
}

/** It lists an endpoint once it knows of which kind it is. */
const NOT_IN_QUERY =
  'Thanos Query has not read it yet (every 5 minutes, --endpoint.sd-config-reload-interval), or has never reached it';

/** The state of a loaded target. One address in several pools counts as its worst scrape. */
function scrapeOf(target: Target, pool: PoolTargets): Stand {
  const here = ({ discoveredLabels }: { discoveredLabels: Readonly<Record<string, string>> }) =>
    discoveredLabels.__address__ === target.address;
  const scrapes = pool.active.filter(here);
  const down = scrapes.find(({ health }) => health === 'down');
  if (down) {
    const detail = oneLine(down);
    return { state: 'down', detail, cause: likelyCause(detail, target.address) };
  }
  if (scrapes.some(({ health }) => health !== 'up')) return { state: 'waiting', detail: undefined };
  if (scrapes.length > 0) return { state: 'scraped', detail: undefined };
  if (pool.dropped.some(here)) return { state: 'dropped', detail: undefined };
  if (pool.forgotten > 0) {
    const why =
      'not among the targets; Prometheus does not keep all dropped targets (keep_dropped_targets)';
    return { state: 'dropped', detail: why };
  }
  // Just after a reload; or relabelling gives it the labels of another target, and only one of the two is kept.
  return { state: 'waiting', detail: 'not among the targets yet' };
}

function oneLine({ lastError }: ActiveTarget): string {
  return lastError.replace(/\s+/g, ' ').trim().slice(0, 300);
}

function compare(
  target: Target,
  list: ReadonlyMap<string, readonly Target[]>,
): 'same' | 'absent' | { readonly other: string } {
  const same = list.get(target.address);
  if (!same) return 'absent';
  const key = labelKey(target);
  if (same.some((other) => labelKey(other) === key)) return 'same';
  const other = Object.entries(same[0]?.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  return { other: other.join(' ') || 'no labels' };
}

function byAddress(targets: readonly Target[]): Map<string, Target[]> {
  return Map.groupBy(targets, ({ address }) => address);
}

function plain({ address, labels }: Target): Target {
  return { address, labels };
}
