import type { Target } from '../../target.ts';
import { labelKey } from '../../targets/targets.ts';
import type { ActiveTarget, PoolTargets } from './prometheus.ts';

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
}

/** The list at each stage. */
export interface Stages {
  /** What a sync would write now. */
  readonly wanted: readonly Target[];
  /** What is in the document. */
  readonly listed: readonly Target[];
  /** What the server has loaded, and scrapes; undefined: no server was queried. */
  readonly server: { readonly loaded: readonly Target[]; readonly pool: PoolTargets } | undefined;
}

/** The state of each wanted target, and of each unwanted one. */
export function standings({ wanted, listed, server }: Stages): Standing[] {
  const stages = { listed: byAddress(listed), loaded: byAddress(server?.loaded ?? []) };
  const wants = byAddress(wanted);
  const known = wanted.map((target): Standing => {
    const inList = compare(target, stages.listed);
    const inServer = compare(target, stages.loaded);
    const stand = (state: State, detail?: string): Standing => ({
      ...plain(target),
      state,
      detail,
    });
    if (inList !== 'same') {
      const loaded = server && inServer === 'same' ? 'but the server has loaded it' : undefined;
      return stand('not-synced', inList === 'absent' ? loaded : `the list has ${inList.other}`);
    }
    if (!server) return stand('listed');
    if (inServer !== 'same') {
      return stand('not-loaded', inServer === 'absent' ? undefined : `loaded as ${inServer.other}`);
    }
    return { ...plain(target), ...scrapeOf(target, server.pool) };
  });
  const others = [...new Set([...stages.listed.keys(), ...stages.loaded.keys()])]
    .filter((address) => !wants.has(address))
    .map((address): Standing => {
      const [inList] = stages.listed.get(address) ?? [];
      const [inServer] = stages.loaded.get(address) ?? [];
      const target = (inList ?? inServer) as Target;
      return { ...plain(target), state: 'unwanted', detail: whereIs(inList, inServer, server) };
    });
  return [...known, ...others];
}

function whereIs(inList: unknown, inServer: unknown, server: Stages['server']): string {
  if (!server) return 'in the list';
  if (inList && inServer) return 'in the list, and loaded';
  return inList ? 'in the list, not loaded' : 'loaded, but no longer in the list';
}

/** The state of a loaded target. One address in several pools counts as its worst scrape. */
function scrapeOf(target: Target, pool: PoolTargets): Pick<Standing, 'state' | 'detail'> {
  const here = ({ discoveredLabels }: { discoveredLabels: Readonly<Record<string, string>> }) =>
    discoveredLabels.__address__ === target.address;
  const scrapes = pool.active.filter(here);
  const down = scrapes.find(({ health }) => health === 'down');
  if (down) return { state: 'down', detail: oneLine(down) };
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
