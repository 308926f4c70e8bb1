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
 * The limit on following aliases in one document, in nodes visited. A few lines of nested aliases can expand
 * to billions of nodes; they are never built, and this stops the walk through them.
 */
export class Budget {
  // About ten times the size of the largest list expected.
  #left = 1_000_000;

  /** Throws Fault `document-limits` when the budget is used up. */
  spend(nodes = 1): void {
    this.#left -= nodes;
    if (this.#left < 0) {
      throw new Fault('document-limits', 'The aliases of the document expand to too much.');
    }
  }
}

/** The depth of nested aliases: far more than anyone writes. */
const MAX_ALIAS_DEPTH = 100;

/**
 * A mapping's values by the text of their keys, merge keys resolved: a key that is written wins over a merged
 * one, an earlier merge over a later one (https://yaml.org/type/merge.html).
 * Throws Fault `document-unsafe` for a key that is duplicate, null, or not text.
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
  // This runs for every target group, so it does not build a list of pairs.
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
    if (text === undefined) throw unsafe(yaml, key, 'a key must be text');
    if (found.has(text)) throw unsafe(yaml, key, 'duplicate key');
    found.set(text, value);
  }
  for (const source of merged) {
    for (const [key, value] of entries(yaml, source, budget, depth + 1)) {
      if (!found.has(key)) found.set(key, value);
    }
  }
  return found;
}

/** A key's text, also through an alias; undefined where it is a list or a mapping. */
export const keyText = (yaml: Yaml, key: NodeId) => scalarText(yaml, resolve(yaml, key));

/** The mappings that a merge key refers to: one, or a list of them. */
export function mergedMappings(yaml: Yaml, value: NodeId): NodeId[] {
  const source = resolve(yaml, value);
  if (isMapping(yaml, source)) return [source];
  const listed = isList(yaml, source) ? childrenResolved(yaml, source) : [];
  if (listed.length === 0 || !listed.every((node) => isMapping(yaml, node))) {
    throw unsafe(yaml, value, 'a merge key must refer to a mapping');
  }
  return listed;
}

function childrenResolved(yaml: Yaml, list: NodeId): NodeId[] {
  return children(yaml, list).map((node) => resolve(yaml, node));
}

/** Fault `document-unsafe`: changing the list might change something else. */
export function unsafe(yaml: Yaml, node: NodeId, what: string, remedy?: string): Fault {
  const start = startOf(yaml, node);
  const place = placeOf(yaml.text, start === -1 ? (yaml.end[node] as number) : start);
  const message = `The list cannot be managed safely: ${what} (${place}).`;
  return new Fault('document-unsafe', message, remedy === undefined ? {} : { remedy });
}

/** The same for a document that must hold only the list. */
export const notOnlyOurs = (yaml: Yaml, node: NodeId, what: string): Fault =>
  unsafe(yaml, node, what, 'Use a separate document for the list: it is rendered as a whole.');
