import { Fault } from '../../fault.ts';
import { placeOf } from './lines.ts';
import {
  children,
  isList,
  isMapping,
  isMergeKey,
  isNull,
  resolve,
  scalarText,
  startOf,
  type Yaml,
} from './nodes.ts';
import type { NodeId } from './ranges.ts';

/**
 * What following aliases may cost in one document, in nodes visited. A few lines of nested aliases can stand
 * for billions of nodes; nothing here builds them, and this ends the walk through them.
 */
export class Budget {
  // Some ten times what the largest list that we foresee has.
  #left = 1_000_000;

  /** Throws Fault `document-limits` when nothing is left. */
  spend(nodes = 1): void {
    this.#left -= nodes;
    if (this.#left < 0) {
      throw new Fault('document-limits', 'The document repeats too much through its aliases.');
    }
  }
}

/** Aliases within what other aliases stand for, and so on: far more than anyone writes. */
const MAX_ALIAS_DEPTH = 100;

/**
 * A mapping's values by the text of their keys, merge keys resolved: a key that is written wins over a merged
 * one, an earlier merge over a later one (https://yaml.org/type/merge.html).
 * Throws Fault `document-unsafe` on a key that is written twice, is null, or is no text.
 */
export function entries(
  yaml: Yaml,
  mapping: NodeId,
  budget: Budget,
  depth = 0,
): Map<string, NodeId> {
  budget.spend(depth > MAX_ALIAS_DEPTH ? Number.POSITIVE_INFINITY : 1);
  const found = new Map<string, NodeId>();
  const merged: NodeId[] = [];
  // Every target group comes by here: no list of pairs is built.
  const last = (yaml.next[mapping] as number) - 1;
  for (let key = mapping + 1, next = key; key < last; key = next) {
    const value = yaml.next[key] as number;
    next = yaml.next[value] as number;
    budget.spend();
    if (isMergeKey(yaml, key)) {
      for (const source of mergedMappings(yaml, value)) merged.push(source);
      continue;
    }
    const text = isNull(yaml, resolve(yaml, key)) ? undefined : keyText(yaml, key);
    if (text === undefined) throw unsafe(yaml, key, 'a key is no text');
    if (found.has(text)) throw unsafe(yaml, key, 'a key stands twice');
    found.set(text, value);
  }
  for (const source of merged) {
    for (const [key, value] of entries(yaml, source, budget, depth + 1)) {
      if (!found.has(key)) found.set(key, value);
    }
  }
  return found;
}

/** A key's text, that of an alias included; undefined where it is a list or a mapping. */
export const keyText = (yaml: Yaml, key: NodeId) => scalarText(yaml, resolve(yaml, key));

/** The mappings that a merge key's value names: one, or a list of them. */
export function mergedMappings(yaml: Yaml, value: NodeId): NodeId[] {
  const source = resolve(yaml, value);
  if (isMapping(yaml, source)) return [source];
  const listed = isList(yaml, source) ? childrenResolved(yaml, source) : [];
  if (listed.length === 0 || !listed.every((node) => isMapping(yaml, node))) {
    throw unsafe(yaml, value, 'a merge key names no mapping');
  }
  return listed;
}

function childrenResolved(yaml: Yaml, list: NodeId): NodeId[] {
  return children(yaml, list).map((node) => resolve(yaml, node));
}

/** Fault `document-unsafe`: the list cannot be changed without a doubt about what else changes. */
export function unsafe(yaml: Yaml, node: NodeId, what: string, remedy?: string): Fault {
  const start = startOf(yaml, node);
  const place = placeOf(yaml.text, start === -1 ? (yaml.end[node] as number) : start);
  const message = `The list cannot be managed safely: ${what} (${place}).`;
  return new Fault('document-unsafe', message, remedy === undefined ? {} : { remedy });
}

/** The same for a document that should hold our list and nothing else. */
export const notOnlyOurs = (yaml: Yaml, node: NodeId, what: string): Fault =>
  unsafe(yaml, node, what, 'Give the list a document of its own: this one is rendered as a whole.');
