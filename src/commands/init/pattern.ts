import { standardNames } from '../../targets/template.ts';
import { partOf, type Relation, relationOf, valueIn, wordsOf } from './relation.ts';

/** A live target whose name is in the zone. */
export interface Member {
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A pattern of names, and the templates of the labels that follow from it. */
export interface Suggested {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that cannot be derived from the names. */
  readonly unrelated: readonly string[];
}

/** What a variable part of a name may be: anything, or text similar to the current names. */
export type Width = 'any' | 'alike';

/**
 * The pattern of names with the same number of DNS labels, and the templates of their labels:
 *
 *     prometheus1.example.com clusterID=cluster1     ^prometheus(?<n>[0-9]+)\.example\.com$
 *     prometheus2.example.com clusterID=cluster2     clusterID: 'cluster{n}'
 *
 *     a.prometheus.internal clusterID=a              ^(?<clusterID>[^.]+)\.prometheus\.internal$
 *     b.prometheus.internal clusterID=b              clusterID: '{clusterID}'
 *
 * A few members that differ from the others do not matter: they are handled later.
 *
 * @param zone the zone's name without its final dot; '' if unknown
 */
export function patternOf(members: readonly Member[], zone: string, width: Width): Suggested {
  const rows = members.map(({ host, labels }) => ({ parts: host.split('.'), labels }));
  const length = rows[0]?.parts.length ?? 0;
  const free = Math.max(0, length - (zone === '' ? 1 : zone.split('.').length));
  const relations = relationsOf(rows, free);
  const typical = rows.filter(({ parts, labels }) =>
    [...relations].every(([name, relation]) => valueIn(relation, parts) === labels[name]),
  );
  const shown = (typical.length > 0 ? typical : rows).map(({ parts }) => parts);
  const unrelated = Object.keys(members[0]?.labels ?? {}).filter((name) => !relations.has(name));
  if (unrelated.includes('clusterID')) relations.set('clusterID', wholePart(firstVariable(shown)));

  const groups = new Groups();
  const positions = Array.from({ length }, (_, i) => shown.map((parts) => parts[i] ?? ''));
  const labels: Record<string, string> = {};
  for (const [name, relation] of relations)
    labels[name] = templateOf(name, relation, shown, groups);
  const variable = variablePositions(shown, groups, free);
  const patterns = positions.map((values, i) => {
    if (!variable.has(i)) return escapeText(values[0] ?? '');
    return groups.pattern(i, variablePattern(values, width));
  });
  return { name: `^${patterns.join('\\.')}$`, labels, unrelated };
}

type Rows = readonly {
  readonly parts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}[];

/** One relation per label, where there is one. A DNS label is split in one way only. */
function relationsOf(rows: Rows, free: number): Map<string, Relation> {
  const found = new Map<string, Relation>();
  for (const name of Object.keys(rows[0]?.labels ?? {})) {
    const observed = rows.map(({ parts, labels }) => ({ parts, value: labels[name] ?? '' }));
    const fits = (relation: Relation) =>
      [...found.values()].every((other) => !cutsOtherwise(relation, other));
    const relation = relationOf(observed, free, fits);
    if (relation) found.set(name, relation);
  }
  return found;
}

function cutsOtherwise(one: Relation, other: Relation): boolean {
  if (one.kind !== 'part' || other.kind !== 'part' || one.position !== other.position) return false;
  if (isWhole(one) || isWhole(other)) return false;
  return one.before !== other.before || one.after !== other.after;
}

type Part = Relation & { kind: 'part' };

function isWhole({ before, after }: Part): boolean {
  return before === '' && after === '';
}

function wholePart(position: number): Part {
  return { kind: 'part', position, before: '', after: '', head: '', tail: '' };
}

function firstVariable(shown: readonly (readonly string[])[]): number {
  const [first = []] = shown;
  return Math.max(
    0,
    first.findIndex((label, i) => shown.some((parts) => parts[i] !== label)),
  );
}

/** Where names differ, and where a label comes from; for a single name, its first label. */
function variablePositions(
  shown: readonly (readonly string[])[],
  groups: Groups,
  free: number,
): Set<number> {
  const positions = new Set(groups.positions());
  const [first = []] = shown;
  first.forEach((label, i) => {
    if (shown.some((parts) => parts[i] !== label)) positions.add(i);
  });
  if (positions.size === 0 && free > 0) positions.add(0);
  return positions;
}

function templateOf(
  name: string,
  relation: Relation,
  shown: readonly (readonly string[])[],
  groups: Groups,
): string {
  if (relation.kind === 'constant') return relation.value;
  if (relation.kind !== 'part') return `{${relation.kind}}`;
  const parts = shown.map((one) => partOf(relation, one) ?? '');
  const plain = relation.head === '' && relation.tail === '';
  const wanted = plain ? name : areNumbers(parts) ? 'n' : `${name}Part`;
  const group = groups.name(relation, wanted, parts);
  return `${relation.head}{${group}}${relation.tail}`;
}

/** The named groups of a pattern: per DNS label one for the whole, and one for a part of it. */
class Groups {
  readonly #whole = new Map<number, string>();
  readonly #part = new Map<number, { name: string; relation: Part; pattern: string }>();
  readonly #taken = new Set<string>(standardNames);

  name(relation: Part, wanted: string, parts: readonly string[]): string {
    const { position } = relation;
    const known = isWhole(relation) ? this.#whole.get(position) : this.#part.get(position)?.name;
    if (known !== undefined) return known;
    let name = wanted;
    while (this.#taken.has(name)) name = `${name}_`;
    this.#taken.add(name);
    if (isWhole(relation)) this.#whole.set(position, name);
    else
      this.#part.set(position, { name, relation, pattern: areNumbers(parts) ? '[0-9]+' : '[^.]+' });
    return name;
  }

  positions(): number[] {
    return [...this.#whole.keys(), ...this.#part.keys()];
  }

  pattern(position: number, otherwise: string): string {
    const part = this.#part.get(position);
    const inner = part
      ? `${escapeText(part.relation.before)}(?<${part.name}>${part.pattern})${escapeText(part.relation.after)}`
      : otherwise;
    const whole = this.#whole.get(position);
    return whole === undefined ? inner : `(?<${whole}>${inner})`;
  }
}

/** `prometheus1`, `prometheus12` alike -> `prometheus[0-9]+` */
function variablePattern(values: readonly string[], width: Width): string {
  if (width === 'any') return '[^.]+';
  const words = values.map(wordsOf);
  const shortest = Math.min(...words.map(({ length }) => length));
  const common = (at: (list: readonly string[], i: number) => string | undefined, most: number) => {
    let n = 0;
    while (n < most && words.every((list) => at(list, n) === at(words[0] ?? [], n))) n += 1;
    return n;
  };
  // At least one word varies.
  const before = common((list, i) => list[i], shortest - 1);
  const after = common((list, i) => list.at(-1 - i), shortest - 1 - before);
  const rest = words.map((list) => list.slice(before, list.length - after).join(''));
  const head = (words[0] ?? []).slice(0, before).join('');
  const tail = after === 0 ? '' : (words[0] ?? []).slice(-after).join('');
  return `${escapeText(head)}${areNumbers(rest) ? '[0-9]+' : '[^.]+'}${escapeText(tail)}`;
}

function areNumbers(texts: readonly string[]): boolean {
  return texts.length > 0 && texts.every((text) => /^[0-9]+$/.test(text));
}

/** Text as a pattern that matches it; the characters of DNS names stay readable. */
export function escapeText(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '\\$&');
}
