import type { From, Job, Source } from '../job.ts';
import type { RecordSet } from '../records/record-set.ts';
import { labelsText, type Target, type Warning } from '../target.ts';
import { addressFault, nameFault, type Unusable } from './address.ts';
import { literalFault, localNameFault } from './aim.ts';
import { select } from './select.ts';
import { fill, type Values } from './template.ts';

/** Where a wanted target comes from. */
export type Origin =
  | {
      readonly kind: 'record';
      readonly source: Source;
      readonly from: number;
      readonly record: RecordSet;
    }
  | { readonly kind: 'also' };

export interface WantedTarget extends Target {
  readonly origins: readonly Origin[];
}

/** A record set that was selected, but is not a valid target. */
export interface Skipped extends Unusable {
  readonly record: string;
  readonly type: string;
}

/** The targets that a job wants in its list, and what was skipped. */
export interface Wanted {
  /** One per address, sorted by code unit. */
  readonly targets: readonly WantedTarget[];
  /** How many record sets were selected. */
  readonly records: number;
  readonly skipped: readonly Skipped[];
  readonly warnings: readonly Warning[];
  /** Where nothing was selected: the first names of the right type that `select` left out. */
  readonly near: readonly string[];
}

/**
 * Record sets -> targets: select, label, de-duplicate, sort. The order of the record sets does not matter.
 *
 * @param listings the record sets of each `from` of the job, in that order
 * @param patternMs what the patterns of one `from` may take
 * @throws Fault `pattern-timeout`
 */
export function targetsOf(
  job: Job,
  listings: readonly (readonly RecordSet[])[],
  patternMs?: number,
): Wanted {
  const also = job.also.map((target): WantedTarget => ({ ...target, origins: [{ kind: 'also' }] }));
  const skipped: Skipped[] = [];
  const found: WantedTarget[] = [];
  const near: string[] = [];
  let records = 0;
  for (const [i, from] of job.from.entries()) {
    for (const decision of select(listings[i] ?? [], from.select, patternMs)) {
      if (!decision.selected) {
        if (decision.rule !== 'types' && near.length < 3) near.push(decision.host);
        continue;
      }
      records += 1;
      const { record, host, groups } = decision;
      const made = targetOf(from, host, groups);
      if ('code' in made) skipped.push({ record: record.name, type: record.type, ...made });
      else
        found.push({
          ...made,
          origins: [{ kind: 'record', source: from.source, from: i, record }],
        });
    }
  }
  const warnings: Warning[] = [];
  const targets = unique([...also, ...found], warnings);
  warnings.push(...clusterIdsTwice(targets), ...localAddresses(found));
  skipped.sort((a, b) => compare(a.record, b.record) || compare(a.type, b.type));
  return { targets, records, skipped, warnings, near: records === 0 ? near : [] };
}

/** The targets that either of two listings wants; of what both have, as the second has it. */
export function eitherOf(first: Wanted, second: Wanted): Wanted {
  const addresses = new Set(second.targets.map(({ address }) => address));
  const only = first.targets.filter(({ address }) => !addresses.has(address));
  const targets = [...second.targets, ...only].sort((a, b) => compare(a.address, b.address));
  return { ...second, targets };
}

/** The target that a `from` derives from a name, or why there is none. */
export function targetOf(from: From, host: string, groups: Values): Target | Unusable {
  const fault = nameFault(host);
  if (fault) return fault;
  const values = valuesOf(from, host);
  const address = fill(from.target, values, groups);
  if ('unset' in address) return unset(address.unset);
  const { text } = address;
  const bad = from.allowAddresses
    ? addressFault(text)
    : (literalFault(text) ?? addressFault(text) ?? localNameFault(text));
  if (bad) return bad;
  const labels: Record<string, string> = {};
  for (const label of Object.keys(from.labels)) {
    const value = fill(from.labels[label] as string, values, groups);
    if ('unset' in value) return unset(value.unset);
    if (value.text === '') {
      // Prometheus drops a label without a value silently.
      return { code: 'empty-label', reason: `the label ${label} would be empty` };
    }
    labels[label] = value.text;
  }
  return { address: text, labels };
}

/** The standard values of a name. */
export function valuesOf({ source }: From, host: string): Values {
  const zone = 'zone' in source ? source.zone : undefined;
  return { name: `${host}.`, host, label: firstLabel(host), zone };
}

function firstLabel(host: string): string {
  const dot = host.indexOf('.');
  return dot < 0 ? host : host.slice(0, dot);
}

function unset(name: string): Unusable {
  return { code: 'unset-value', reason: `{${name}} has no value for this name` };
}

/**
 * One target per address. Where two differ in their labels, `also` wins, then the order of `from`, then
 * the order of the labels: never the order in which record sets were listed.
 */
function unique(targets: readonly WantedTarget[], warnings: Warning[]): WantedTarget[] {
  const sorted = targets.toSorted((a, b) => compare(a.address, b.address));
  const kept: WantedTarget[] = [];
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const first = sorted[from] as WantedTarget;
    while (sorted[to]?.address === first.address) to++;
    kept.push(to === from + 1 ? first : merged(sorted.slice(from, to), warnings));
  }
  return kept;
}

/** The first of several targets of one address, with the origins of all. */
function merged(same: WantedTarget[], warnings: Warning[]): WantedTarget {
  const [first, ...rest] = same.toSorted(
    (a, b) =>
      rank(a) - rank(b) || compare(labelKey(a), labelKey(b)) || compare(recordKey(a), recordKey(b)),
  ) as [WantedTarget, ...WantedTarget[]];
  if (rest.some((other) => labelKey(other) !== labelKey(first))) {
    warnings.push({
      code: 'target-twice',
      message: `${first.address} has several sets of labels; ${labelsText(first.labels)} is used`,
    });
  }
  return { ...first, origins: [first, ...rest].flatMap(({ origins }) => origins) };
}

function rank({ origins: [origin] }: WantedTarget): number {
  return origin?.kind === 'record' ? origin.from : -1;
}

function recordKey({ origins: [origin] }: WantedTarget): string {
  if (origin?.kind !== 'record') return '';
  const { name, type, setIdentifier } = origin.record;
  return JSON.stringify([name, type, setIdentifier ?? '']);
}

/** Labels as comparable text, independent of their order. */
export function labelKey({ labels }: Target): string {
  const entries = Object.entries(labels);
  if (entries.length > 1) entries.sort(([a], [b]) => compare(a, b));
  return JSON.stringify(entries);
}

/** Of a zone that is all wrong, the first few say enough. */
const MOST_WARNINGS = 20;

function localAddresses(targets: readonly WantedTarget[]): Warning[] {
  const messages = targets
    .flatMap(({ origins }) => origins)
    .flatMap((origin) => (origin.kind === 'record' ? (localText(origin.record) ?? []) : []))
    .sort();
  const more = messages.length - MOST_WARNINGS;
  const shown = more > 0 ? [...messages.slice(0, MOST_WARNINGS), `and ${more} more`] : messages;
  return shown.map((message) => ({ code: 'local-address', message }));
}

/** What a person should know of a record set whose values are loopback or link-local addresses. */
export function localText({ name, type, localValues }: RecordSet): string | undefined {
  if (!localValues) return undefined;
  const values = localValues.join(', ');
  return `${name} ${type} has ${values}: there, Prometheus scrapes itself or a metadata service`;
}

function clusterIdsTwice(targets: readonly Target[]): Warning[] {
  const byId = Map.groupBy(targets, ({ labels }) => labels.clusterID);
  return [...byId]
    .filter(([id, same]) => id !== undefined && same.length > 1)
    .map(([id, same]) => ({
      code: 'cluster-id-twice',
      message: `clusterID ${JSON.stringify(id)} is on several targets: ${same.map(({ address }) => address).join(', ')}`,
    }));
}

/** By code unit, as lists are sorted. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
