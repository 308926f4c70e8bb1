import { DEFAULT_TYPES, type From, type Source } from '../../job.ts';
import { hostOf } from '../../records/name.ts';
import type { RecordSet } from '../../records/record-set.ts';
import type { Target } from '../../target.ts';
import { hostOfAddress, nameFault } from '../../targets/address.ts';
import { literalFault, localNameFault } from '../../targets/aim.ts';
import { unsayable } from '../../targets/sayable.ts';
import { select } from '../../targets/select.ts';
import { labelKey, targetOf } from '../../targets/targets.ts';
import { escapeText, type Member, patternOf, type Width } from './pattern.ts';

/** The current record sets of a zone, or of an export. */
export interface SourceRecords {
  readonly source: Source;
  /** Without its final dot; '' if unknown. */
  readonly zone: string;
  readonly records: readonly RecordSet[];
}

/** Settings of a job whose first plan shows no changes, as far as settings can express its list. */
export interface Suggestion {
  readonly from: readonly From[];
  /** Targets without a matching record, or with other labels than their record would have. */
  readonly also: readonly Target[];
  /** Targets that settings cannot express; the first plan shows them. */
  readonly lost: readonly { readonly target: Target; readonly why: string }[];
  /** What to review in the suggestion. */
  readonly notes: readonly string[];
  /** No live target comes from a name of the zone, so minTargets must allow none. */
  readonly selectsNone: boolean;
}

/**
 * Suggests patterns and templates that derive the list from the zones' names; names that match and are not in
 * the list are excluded by name. It tries several ways to group the targets, and returns the shortest settings.
 */
export function suggest(targets: readonly Target[], sources: readonly SourceRecords[]): Suggestion {
  const { kept, lost } = sayable(targets);
  const explained = explain(kept, sources);
  if (explained.length === 0) return guess(kept, lost, sources);
  const candidates = WAYS.map((way) => candidate(kept, explained, sources, way));
  const best = candidates.reduce((a, b) => (b.cost < a.cost ? b : a));
  const { from, also, notes, selectsNone } = best;
  return { from, also, lost, notes, selectsNone };
}

/** A live target with the name, and the source, that it comes from. */
interface Explained extends Member {
  readonly source: SourceRecords;
  /** `{name}:9090` */
  readonly address: string;
}

function explain(targets: readonly Target[], sources: readonly SourceRecords[]): Explained[] {
  const names = sources.map((source) => ({ source, hosts: hostsOf(source) }));
  return targets.flatMap(({ address, labels }) => {
    // A record may not announce it: it stays as a target of also.
    if (literalFault(address) ?? localNameFault(address)) return [];
    const host = hostOfAddress(address);
    const source = names.find(({ hosts }) => hosts.has(host))?.source;
    const template = addressTemplate(address, host);
    return source && template !== undefined ? [{ host, labels, source, address: template }] : [];
  });
}

/** Names that can be scraped. */
export function hostsOf({ records }: SourceRecords): Set<string> {
  const typed = records.filter(({ type }) => DEFAULT_TYPES.includes(type));
  return new Set(typed.map(({ name }) => hostOf(name)).filter((host) => !nameFault(host)));
}

/** `https://a.example.com.:9090/x` -> `https://{name}:9090/x` */
function addressTemplate(address: string, host: string): string | undefined {
  const at = address.indexOf(host);
  if (at < 0) return undefined;
  const [before, after] = [address.slice(0, at), address.slice(at + host.length)];
  if (/[{}]/.test(before + after)) return undefined;
  return after.startsWith('.') ? `${before}{name}${after.slice(1)}` : `${before}{host}${after}`;
}

/** How targets are grouped to find what their names have in common. */
interface Way {
  readonly by: 'length' | 'parent';
  readonly width: Width;
  /** A `from` for each kind of target, or only for the most frequent kind of a source. */
  readonly kinds: 'all' | 'most';
}

const WAYS: readonly Way[] = (['length', 'parent'] as const).flatMap((by) =>
  (['any', 'alike'] as const).flatMap((width) =>
    (['all', 'most'] as const).map((kinds) => ({ by, width, kinds })),
  ),
);

function candidate(
  targets: readonly Target[],
  explained: readonly Explained[],
  sources: readonly SourceRecords[],
  way: Way,
): Suggestion & { cost: number } {
  const live = new Set(targets.map(keyOf));
  const made = new Set<string>();
  const from: From[] = [];
  const notes: string[] = [];
  let excluded = 0;
  for (const source of sources) {
    for (const members of groupsOf(explained, source, way)) {
      const tried = tryGroup(members, source, way.width, live);
      if (tried.made.size === 0 && from.length > 0) continue;
      excluded += tried.from.select.exclude.length;
      from.push(tried.from);
      for (const key of tried.made) made.add(key);
      notes.push(...tried.notes);
    }
  }
  const also = targets.filter((target) => !made.has(keyOf(target)));
  const named = new Set(explained.map(({ host }) => host));
  const pinned = also.filter(({ address }) => named.has(hostOfAddress(address))).length;
  const selectsNone = made.size === 0;
  return {
    from,
    also,
    lost: [],
    notes,
    selectsNone,
    cost: excluded + 3 * from.length + 2 * pinned,
  };
}

/** Targets of one kind: the same form of address, the same labels, names of the same shape. */
function groupsOf(
  explained: readonly Explained[],
  source: SourceRecords,
  { by, kinds }: Way,
): Explained[][] {
  const groups = Map.groupBy(
    explained.filter((one) => one.source === source),
    ({ address, labels, host }) => {
      const shape = by === 'length' ? host.split('.').length : host.replace(/^[^.]*/, '');
      return JSON.stringify([address, Object.keys(labels).sort(), shape]);
    },
  );
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
  return sorted.filter((group, i) => i === 0 || (kinds === 'all' && group.length > 1));
}

/** A `from` for these members that excludes all names which would add other targets. */
function tryGroup(
  members: readonly Explained[],
  source: SourceRecords,
  width: Width,
  live: ReadonlySet<string>,
): { from: From; made: Set<string>; notes: string[] } {
  const { name, labels, unrelated } = patternOf(members, source.zone, width);
  const open: From = {
    source: source.source,
    select: { types: DEFAULT_TYPES, name, exclude: [], setIdentifier: undefined },
    target: members[0]?.address ?? '{name}',
    labels,
  };
  const { made, others } = outcomeOf(open, source, live);
  const notes = unrelated.map(
    (label) => `the label ${label} cannot be derived from the names that match ${name}`,
  );
  return { from: { ...open, select: { ...open.select, exclude: others } }, made, notes };
}

/** The live targets that a `from` derives, and patterns of the names that would add others. */
function outcomeOf(from: From, { records }: SourceRecords, live: ReadonlySet<string>) {
  const made = new Set<string>();
  const others = new Set<string>();
  for (const decision of select(records, from.select)) {
    if (!decision.selected) continue;
    const target = targetOf(from, decision.host, decision.groups);
    if (!('address' in target)) continue;
    const key = keyOf(target);
    if (live.has(key)) made.add(key);
    else others.add(decision.host);
  }
  return { made, others: [...others].sort().map((host) => `^${escapeText(host)}$`) };
}

/** No name of a zone is in the list, so nothing shows which ones to select. */
function guess(
  targets: readonly Target[],
  lost: Suggestion['lost'],
  sources: readonly SourceRecords[],
): Suggestion {
  const live = new Set(targets.map(keyOf));
  const from = sources.map((source): From => {
    const zone = escapeText(source.zone || 'prometheus.internal');
    const [all, nested] = [[...hostsOf(source)], `^(?<clusterID>[^.]+)\\.prometheus\\.${zone}$`];
    const prefixed = `^prometheus[-_]?(?<clusterID>[^.]+)\\.${zone}$`;
    const inside = /^prometheus\./.test(source.zone) ? `^(?<clusterID>[^.]+)\\.${zone}$` : nested;
    const name = all.some((host) => new RegExp(prefixed).test(host)) ? prefixed : inside;
    const open: From = {
      source: source.source,
      select: { types: DEFAULT_TYPES, name, exclude: [], setIdentifier: undefined },
      target: '{name}',
      labels: { clusterID: '{clusterID}' },
    };
    const { others } = outcomeOf(open, source, live);
    return { ...open, select: { ...open.select, exclude: others } };
  });
  const note =
    'no target of the list is a name in the zone, so nothing shows which names to select: select.name is a guess';
  return { from, also: targets, lost, notes: [note], selectsNone: true };
}

/** Separates targets that settings cannot express: duplicates, invalid addresses and labels. */
function sayable(targets: readonly Target[]): {
  kept: Target[];
  lost: { target: Target; why: string }[];
} {
  const kept = new Map<string, Target>();
  const lost: { target: Target; why: string }[] = [];
  for (const target of targets) {
    const why = kept.has(target.address) ? 'it is a duplicate' : unsayable(target);
    if (why === undefined) kept.set(target.address, target);
    else lost.push({ target, why });
  }
  return { kept: [...kept.values()], lost };
}

function keyOf(target: Target): string {
  return `${target.address} ${labelKey(target)}`;
}
