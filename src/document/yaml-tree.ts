import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml';
import { Fault } from '../fault.ts';
import { endOfLine, placeOf } from './text-lines.ts';

/** A node is the index of its first event. */
export type NodeId = number;

/**
 * A YAML text and its parser's events, with what the events leave out: where each node ends, and what each
 * alias stands for. Everything is an offset into `text` or an index into `events`; no value is built.
 *
 *     text    a: [x, y] # c          events  DOC MAP a SEQ x  y  POP POP POP
 *     index                                  0   1   2 3   4  5  6   7   8
 *     next[3] = 7 (the event after the list)          end[3] = 9 (the offset after its bracket)
 */
export interface Yaml {
  readonly text: string;
  readonly events: readonly Event[];
  /** The root node, undefined in an empty stream. */
  readonly root: NodeId | undefined;
  /** Per node: the index of the first event that is not of it. */
  readonly next: Int32Array;
  /** Per node: the offset after its last character; a node without text ends where the text before it does. */
  readonly end: Int32Array;
  /** Per alias: the node it stands for. */
  readonly aliased: ReadonlyMap<NodeId, NodeId>;
}

/** Deeper or larger than any configuration that people keep; a bound on what a hostile one costs. */
const MAX_DEPTH = 100;
export const MAX_CHARACTERS = 4 * 1024 * 1024;

/**
 * Parses one document. Throws Fault `document-broken` (with line and column, and never a word of the text:
 * passwords stand there), `document-limits`, or `document-unsafe` where there are several documents.
 */
export function parseYaml(text: string): Yaml {
  if (text.length > MAX_CHARACTERS) {
    throw new Fault('document-limits', `The document is larger than ${MAX_CHARACTERS} characters.`);
  }
  const events = parse(text);
  const measures = measure(text, events);
  if (events.length > 0 && measures.next[0] !== events.length) {
    throw new Fault('document-unsafe', 'The text holds several YAML documents, not one.');
  }
  return { text, events, root: events.length === 0 ? undefined : 1, ...measures };
}

function parse(text: string): Event[] {
  try {
    return parseEvents(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // The exception is not kept as the cause: it carries the text around the place.
    const { reason, mark } = error;
    const place = mark ? ` (line ${mark.line + 1}, column ${mark.column + 1})` : '';
    if (reason.startsWith('nesting exceeded')) {
      throw new Fault('document-limits', `The document nests deeper than ${MAX_DEPTH}${place}.`);
    }
    throw new Fault('document-broken', `The document is no YAML: ${withoutQuote(reason)}${place}.`);
  }
}

/** Some of the parser's reasons end in a piece of the text: `tag name cannot contain such characters: a^b`. */
function withoutQuote(reason: string): string {
  return reason.replace(/(?:: | ?").*$/s, '');
}

type Measures = Pick<Yaml, 'next' | 'end' | 'aliased'>;

function measure(text: string, events: readonly Event[]): Measures {
  const next = new Int32Array(events.length);
  const end = new Int32Array(events.length);
  const aliased = new Map<NodeId, NodeId>();
  const anchors = new Map<string, NodeId>();
  const open: NodeId[] = [];
  let offset = 0;
  for (let id = 0; id < events.length; id++) {
    const event = events[id] as Event;
    next[id] = id + 1;
    if (event.type === EVENT_ID.POP) {
      const node = open.pop() as NodeId;
      if (closesWithBracket(text, events[node], events[node + 1]))
        offset = afterBracket(text, offset);
      next[node] = id + 1;
      end[node] = offset;
      continue;
    }
    if (event.type === EVENT_ID.DOCUMENT) {
      open.push(id);
      continue;
    }
    if (event.type === EVENT_ID.ALIAS) {
      const node = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      if (node === undefined) {
        const place = placeOf(text, event.anchorStart - 1);
        throw new Fault('document-broken', `The document is no YAML: unknown alias (${place}).`);
      }
      aliased.set(id, node);
    } else if (event.anchorStart !== -1) {
      anchors.set(text.slice(event.anchorStart, event.anchorEnd), id);
    }
    offset = Math.max(offset, endOfEvent(text, event));
    end[id] = offset;
    if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) open.push(id);
  }
  return { next, end, aliased };
}

function endOfEvent(text: string, event: Exclude<Event, { type: 1 | 6 }>): number {
  const properties = Math.max(event.anchorEnd, 'tagEnd' in event ? event.tagEnd : -1);
  if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
    return Math.max(
      properties,
      event.start + (event.style === COLLECTION_STYLE.FLOW && isBracket(text, event.start) ? 1 : 0),
    );
  }
  if (event.type === EVENT_ID.ALIAS || event.valueStart === -1) return properties;
  if (isQuoted(event)) return event.valueEnd + 1;
  if (!isBlockScalar(event)) return event.valueEnd;
  // The range of a block scalar takes in the empty lines after it, which may be anybody's.
  let end = event.valueEnd;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end--;
  return end;
}

const isQuoted = (event: ScalarEvent) =>
  event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;

export const isBlockScalar = (event: ScalarEvent) =>
  event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;

const isBracket = (text: string, offset: number) => text[offset] === '[' || text[offset] === '{';

/** A flow mapping of one pair may stand in a list without brackets: `[a: b]`, or even `[{a: b}: c]`. */
function closesWithBracket(text: string, event?: Event, first?: Event): boolean {
  return (
    (event?.type === EVENT_ID.SEQUENCE || event?.type === EVENT_ID.MAPPING) &&
    event.style === COLLECTION_STYLE.FLOW &&
    isBracket(text, event.start) &&
    !(first !== undefined && 'start' in first && first.start === event.start)
  );
}

/** Between a flow collection's last node and its bracket stand only blanks, commas, `:`, `?` and comments. */
function afterBracket(text: string, from: number): number {
  let offset = from;
  for (;;) {
    const character = text[offset];
    if (character === ']' || character === '}' || character === undefined) return offset + 1;
    offset = character === '#' ? endOfLine(text, offset) : offset + 1;
  }
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
  if (event?.type !== EVENT_ID.SCALAR || event.valueStart === -1) return -1;
  return isQuoted(event) ? event.valueStart - 1 : event.valueStart;
}

/** The nodes directly in a list, or the keys and values of a mapping in turn. */
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

/** The pairs written in a mapping; merge keys are pairs like any other here. */
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

/** The node itself, or the one that an alias stands for. */
export const resolve = (yaml: Yaml, node: NodeId): NodeId => yaml.aliased.get(node) ?? node;

export const isAlias = (yaml: Yaml, node: NodeId) => yaml.events[node]?.type === EVENT_ID.ALIAS;
export const isList = (yaml: Yaml, node: NodeId) => yaml.events[node]?.type === EVENT_ID.SEQUENCE;
export const isMapping = (yaml: Yaml, node: NodeId) => yaml.events[node]?.type === EVENT_ID.MAPPING;

export function isFlow(yaml: Yaml, node: NodeId): boolean {
  const event = yaml.events[node];
  return event !== undefined && 'style' in event && event.type !== EVENT_ID.SCALAR
    ? event.style === COLLECTION_STYLE.FLOW
    : false;
}

/** The scalar's text as written (`0123`, not 83), undefined where the node is no scalar. */
export function scalarText(yaml: Yaml, node: NodeId): string | undefined {
  const event = yaml.events[node];
  return event?.type === EVENT_ID.SCALAR ? getScalarValue(yaml.text, event) : undefined;
}

/** The node's tag as written, '' without one. */
export function tagOf(yaml: Yaml, node: NodeId): string {
  const event = yaml.events[node];
  return event && 'tagStart' in event && event.tagStart !== -1
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

/** Nothing at all, `~` or `null` in the spellings of both YAML 1.1 and 1.2. */
export function isNull(yaml: Yaml, node: NodeId): boolean {
  const event = yaml.events[node];
  if (event?.type !== EVENT_ID.SCALAR) return false;
  if (event.tagStart !== -1) return tagOf(yaml, node) === '!!null';
  if (event.style !== SCALAR_STYLE.PLAIN) return false;
  return /^(?:~|null|Null|NULL|)$/.test(yaml.text.slice(event.valueStart, event.valueEnd));
}

/** `<<` as a merge key: plain and untagged, or tagged so. A quoted one is a key like any other. */
export function isMergeKey(yaml: Yaml, node: NodeId): boolean {
  const event = yaml.events[node];
  if (event?.type !== EVENT_ID.SCALAR) return false;
  if (event.tagStart !== -1) return tagOf(yaml, node) === '!!merge';
  if (event.style !== SCALAR_STYLE.PLAIN) return false;
  return event.valueEnd - event.valueStart === 2 && yaml.text.startsWith('<<', event.valueStart);
}
