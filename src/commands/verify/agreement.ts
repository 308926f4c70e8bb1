import type { Target } from '../../target.ts';
import { labelKey } from '../../targets/targets.ts';
import type { ActiveTarget, PoolTargets } from './prometheus.ts';

/** Where a target stands on its way from the zone to the scrape; the first state that applies. */
export type State =
  | 'not-synced' // wanted, and the list does not say so
  | 'not-loaded' // the list says so; the server has not loaded it
  | 'dropped' // loaded; relabelling drops it
  | 'waiting' // loaded; not scraped yet
  | 'down' // scraped, and that fails
  | 'scraped'
  | 'listed' // the list says so; no server was asked
  | 'unwanted'; // nobody wants it; in the list, or loaded, or both

export interface Standing extends Target {
  readonly state: State;
  /** Prometheus's own error of a target that is down; otherwise what else is to be known. */
  readonly detail: string | undefined;
}

/** The list in its four stages. */
export interface Stages {
  /** What a sync would want now. */
  readonly wanted: readonly Target[];
  /** What stands in the document. */
  readonly listed: readonly Target[];
  /** What the server has loaded, and made of it; undefined: no server was asked. */
  readonly server: { readonly loaded: readonly Target[]; readonly pool: PoolTargets } | undefined;
}

/** Where each wanted target stands, and each that is there without being wanted. */
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
      const there = server && inServer === 'same' ? 'the server has it all the same' : undefined;
      return stand('not-synced', inList === 'absent' ? there : `the list says ${inList.other}`);
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
  return inList ? 'in the list, not loaded' : 'loaded; gone from the list';
}

/** What became of a loaded target. One address in several pools counts as its worst scrape. */
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
    const why = 'not among the targets; Prometheus forgets what it drops (keep_dropped_targets)';
    return { state: 'dropped', detail: why };
  }
  // Just after a reload; or relabelling makes another target's labels of it, and one of the two stays.
  return { state: 'waiting', detail: 'not among the targets yet' };
}

function oneLine({ lastError }: ActiveTarget): string {
  return lastError.replace(/\s+/g, ' ').trim().slice(0, 300);
}

function compare(
  target: Target,
  list: ReadonlyMap<string, readonly Target[]>,
): 'same' | 'absent' | { readonly other: string } {
  const there = list.get(target.address);
  if (!there) return 'absent';
  const key = labelKey(target);
  if (there.some((other) => labelKey(other) === key)) return 'same';
  const said = Object.entries(there[0]?.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  return { other: said.join(' ') || 'no labels' };
}

function byAddress(targets: readonly Target[]): Map<string, Target[]> {
  return Map.groupBy(targets, ({ address }) => address);
}

function plain({ address, labels }: Target): Target {
  return { address, labels };
}
