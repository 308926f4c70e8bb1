/** How a label's value is derived from the DNS labels of a name. */
export type Relation =
  | { readonly kind: 'constant'; readonly value: string }
  /** The whole name, without its final dot and with it. */
  | { readonly kind: 'host' }
  | { readonly kind: 'name' }
  /**
   * A part of one DNS label, which may have text around it on both sides:
   *
   *     prometheus1.example.com, clusterID=cluster1   ->  position 0, before 'prometheus', head 'cluster'
   */
  | {
      readonly kind: 'part';
      readonly position: number;
      readonly before: string;
      readonly after: string;
      readonly head: string;
      readonly tail: string;
    };

/** A name and the value of one of its target's labels. */
export interface Observed {
  /** The DNS labels of the name. */
  readonly parts: readonly string[];
  readonly value: string;
}

/**
 * The relation that holds for most observations; among equals the simplest. `free` is how many DNS labels are
 * not part of the zone's name; `fits` rejects a relation. undefined where no relation holds for most of them.
 */
export function relationOf(
  observed: readonly Observed[],
  free: number,
  fits: (relation: Relation) => boolean,
): Relation | undefined {
  const tally = new Map<string, { relation: Relation; count: number }>();
  for (const one of observed) {
    const possible = new Map(
      possibleRelations(one, free).map((relation) => [JSON.stringify(relation), relation]),
    );
    for (const [key, relation] of possible) {
      const seen = tally.get(key) ?? { relation, count: 0 };
      tally.set(key, { relation, count: seen.count + 1 });
    }
  }
  const only = observed.length === 1;
  const [best] = [...tally.values()]
    .filter(({ relation }) => fits(relation))
    .sort((a, b) => b.count - a.count || rank(a.relation, only) - rank(b.relation, only));
  return best && best.count * 2 > observed.length ? best.relation : undefined;
}

/** The value that the relation derives from a name; undefined where it cannot hold. */
export function valueIn(relation: Relation, parts: readonly string[]): string | undefined {
  const host = parts.join('.');
  if (relation.kind === 'constant') return relation.value;
  if (relation.kind === 'host') return host;
  if (relation.kind === 'name') return `${host}.`;
  const part = partOf(relation, parts);
  return part === undefined ? undefined : `${relation.head}${part}${relation.tail}`;
}

/** The part of the DNS label that is in the value. */
export function partOf(
  { position, before, after }: Relation & { kind: 'part' },
  parts: readonly string[],
): string | undefined {
  const label = parts[position] ?? '';
  const fits = label.length > before.length + after.length;
  if (!fits || !label.startsWith(before) || !label.endsWith(after)) return undefined;
  return label.slice(before.length, label.length - after.length);
}

function possibleRelations({ parts, value }: Observed, free: number): Relation[] {
  const host = parts.join('.');
  const relations: Relation[] = [{ kind: 'constant', value }];
  if (value === host) relations.push({ kind: 'host' });
  if (value === `${host}.`) relations.push({ kind: 'name' });
  for (let position = 0; position < free; position++) {
    relations.push(...possibleParts(parts[position] ?? '', value, position));
  }
  // Braces in a template are placeholders, and nothing escapes them.
  return relations.filter((relation) => !/[{}]/.test(literalsOf(relation)));
}

function possibleParts(label: string, value: string, position: number): Relation[] {
  const relations: Relation[] = [];
  const add = (start: number, end: number, at: number) =>
    relations.push({
      kind: 'part',
      position,
      before: label.slice(0, start),
      after: label.slice(end),
      head: value.slice(0, at),
      tail: value.slice(at + end - start),
    });
  if (value !== '' && label.endsWith(value)) add(label.length - value.length, label.length, 0);
  if (value !== '' && label.startsWith(value)) add(0, value.length, 0);
  if (value.endsWith(label)) add(0, label.length, value.length - label.length);
  if (value.startsWith(label)) add(0, label.length, 0);
  // Otherwise only whole words and numbers: that prometheus and cluster share `us` is a coincidence.
  const borders = new Set(bordersOf(value));
  const cuts = bordersOf(label);
  for (const start of cuts) {
    for (const end of cuts.filter((cut) => cut > start)) {
      const text = label.slice(start, end);
      if (/^[-_]|[-_]$/.test(text)) continue;
      for (let at = value.indexOf(text); at >= 0; at = value.indexOf(text, at + 1)) {
        if (borders.has(at) && borders.has(at + text.length)) add(start, end, at);
      }
    }
  }
  return relations;
}

/** Offsets where a word or a number begins or ends: `eu-prom12` -> 0, 2, 3, 7, 9. */
function bordersOf(text: string): number[] {
  const words = [...text.matchAll(/[0-9]+|[a-z]+|[^a-z0-9]/gi)];
  return [...words.map(({ index }) => index), text.length];
}

/** Words and numbers with what is between them: `eu-prom12` -> eu, -, prom, 12. */
export function wordsOf(text: string): string[] {
  return text.match(/[0-9]+|[a-z]+|[^a-z0-9]/gi) ?? [];
}

function rank(relation: Relation, only: boolean): number {
  // With a single name everything is constant; a part of the name is the better guess.
  if (relation.kind === 'constant') return only ? 10_000 : 0;
  if (relation.kind !== 'part') return 1;
  return 2 + literalsOf(relation).length * 10 + relation.position;
}

function literalsOf(relation: Relation): string {
  if (relation.kind === 'constant') return relation.value;
  if (relation.kind !== 'part') return '';
  const { before, after, head, tail } = relation;
  return before + after + head + tail;
}
