import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import { isQuoted, type Measures, type NodeId } from './ranges.ts';

/**
 * A YAML text and its parser's events, with what the events omit: where each node ends, and which node each
 * alias refers to. Everything is an offset into `text` or an index into `events`; no value is built.
 *
 *     text    a: [x, y] # c          events  DOC MAP a SEQ x  y  POP POP POP
 *     index                                  0   1   2 3   4  5  6   7   8
 *     next[3] = 7 (the event after the list)          end[3] = 9 (the offset after its bracket)
 */
export interface Yaml extends Measures {
  readonly text: string;
  readonly events: readonly Event[];
  /** The root node, undefined in an empty stream. */
  readonly root: NodeId | undefined;
}

/** Where the node's text starts, its anchor and tag included; -1 where it has no text. */
export function startOf(yaml: Yaml, node: NodeId): number {
  const event = yaml.events[node] as Exclude<Event, { type: 1 | 6 }>;
  const starts = [
    event.anchorStart - 1,
    'tagStart' in event ? event.tagStart : -1,
    contentStart(yaml, node),
  ].filter((start) => start >= 0);
  return starts.length === 0 ? -1 : Math.min(...starts);
}

/** Where the node's text starts after its anchor and tag: at the quote, the bracket, the first dash or key. */
export function contentStart(yaml: Yaml, node: NodeId): number {
  const event = yaml.events[node];
  if (event?.type === EVENT_ID.SEQUENCE || event?.type === EVENT_ID.MAPPING) return event.start;
  if (event?.type !== EVENT_ID.SCALAR) return -1;
  return isQuoted(event) ? event.valueStart - 1 : event.valueStart;
}

/** The items of a list, or the keys and values of a mapping, alternating. */
export function children(yaml: Yaml, node: NodeId): NodeId[] {
  const found: NodeId[] = [];
  const last = (yaml.next[node] as number) - 1;
  for (let id = node + 1; id < last; id = yaml.next[id] as number) found.push(id);
  return found;
}

export interface Pair {
  readonly key: NodeId;
  readonly value: NodeId;
}

/** The pairs written in a mapping, merge keys included. */
export function pairs(yaml: Yaml, mapping: NodeId): Pair[] {
  const found: Pair[] = [];
  const last = (yaml.next[mapping] as number) - 1;
  for (let key = mapping + 1; key < last; ) {
    const value = yaml.next[key] as number;
    found.push({ key, value });
    key = yaml.next[value] as number;
  }
  return found;
}

/** The node itself, or the node that an alias refers to. */
export const resolve = (yaml: Yaml, node: NodeId): NodeId => yaml.aliased.get(node) ?? node;

export const isAlias = (yaml: Yaml, node: NodeId) => yaml.events[node]?.type === EVENT_ID.ALIAS;
export const isList = (yaml: Yaml, node: NodeId) => yaml.events[node]?.type === EVENT_ID.SEQUENCE;
export const isMapping = (yaml: Yaml, node: NodeId) => yaml.events[node]?.type === EVENT_ID.MAPPING;

export function isFlow(yaml: Yaml, node: NodeId): boolean {
  const event = yaml.events[node];
  return event !== undefined && 'start' in event && event.style === COLLECTION_STYLE.FLOW;
}

/** The scalar's text as written (`0123`, not 83), undefined where the node is not a scalar. */
export function scalarText(yaml: Yaml, node: NodeId): string | undefined {
  const event = yaml.events[node];
  return event?.type === EVENT_ID.SCALAR ? getScalarValue(yaml.text, event) : undefined;
}

/** The node's tag as written, '' without one. */
export function tagOf(yaml: Yaml, node: NodeId): string {
  const event = yaml.events[node];
  // Without a tag both offsets are -1.
  return event !== undefined && 'tagStart' in event
    ? yaml.text.slice(event.tagStart, event.tagEnd)
    : '';
}

export function hasAnchor(yaml: Yaml, node: NodeId): boolean {
  const event = yaml.events[node];
  return (
    event !== undefined &&
    'anchorStart' in event &&
    event.type !== EVENT_ID.ALIAS &&
    event.anchorStart !== -1
  );
}

/** Empty, `~` or `null` in the spellings of YAML 1.1 and 1.2. */
export function isNull(yaml: Yaml, node: NodeId): boolean {
  const event = yaml.events[node];
  if (event?.type !== EVENT_ID.SCALAR) return false;
  if (event.tagStart !== -1) return tagOf(yaml, node) === '!!null';
  // The fast path: nearly all scalars are longer.
  if (event.style !== SCALAR_STYLE.PLAIN || event.valueEnd - event.valueStart > 4) return false;
  return /^(?:~|null|Null|NULL|)$/.test(yaml.text.slice(event.valueStart, event.valueEnd));
}

/** `<<` as a merge key: plain and untagged, or tagged `!!merge`. Quoted, it is an ordinary key. */
export function isMergeKey(yaml: Yaml, node: NodeId): boolean {
  const event = yaml.events[node];
  if (event?.type !== EVENT_ID.SCALAR) return false;
  if (event.tagStart !== -1) return tagOf(yaml, node) === '!!merge';
  if (event.style !== SCALAR_STYLE.PLAIN) return false;
  return event.valueEnd - event.valueStart === 2 && yaml.text.startsWith('<<', event.valueStart);
}
