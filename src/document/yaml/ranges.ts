import { EVENT_ID, type Event, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { Fault } from '../../fault.ts';
import { endOfLine, placeOf } from './lines.ts';

/** A node is the index of its first event. */
export type NodeId = number;

/** What a parser's events omit. */
export interface Measures {
  /** Per node: the index of the first event after it. */
  readonly next: Int32Array;
  /** Per node: the offset after its last character; a node without text ends where the previous one does. */
  readonly end: Int32Array;
  /** Per alias: the node it refers to. */
  readonly aliased: ReadonlyMap<NodeId, NodeId>;
}

/** Throws Fault `document-broken` for an alias without an anchor before it, which the parser accepts. */
export function measure(text: string, events: readonly Event[]): Measures {
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
      if (closesWithBracket(text, events[node] as Event, events[node + 1] as Event)) {
        offset = afterBracket(text, offset);
      }
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
        throw new Fault(
          'document-broken',
          `The document is not valid YAML: unknown alias (${place}).`,
        );
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

/** Where the text of the event ends; for a collection, after its opening bracket if it has one. */
function endOfEvent(text: string, event: Exclude<Event, { type: 1 | 6 }>): number {
  if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
    return isBracket(text, event.start) ? event.start + 1 : event.start;
  }
  if (event.type === EVENT_ID.ALIAS) return event.anchorEnd;
  if (event.valueStart === -1) return Math.max(event.anchorEnd, event.tagEnd);
  if (isQuoted(event)) return event.valueEnd + 1;
  // The range of a block scalar includes the empty lines after it, which may not be part of it.
  let end = event.valueEnd;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end--;
  return end;
}

export const isQuoted = (event: ScalarEvent) =>
  event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;

export const isBlockScalar = (event: ScalarEvent) =>
  event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;

const isBracket = (text: string, offset: number) => text[offset] === '[' || text[offset] === '{';

/**
 * A collection that starts at a bracket, unless the bracket belongs to its first key: `{a: b}: c` in a block,
 * and `[{a: b}: c]`, a single pair in a list, which has no brackets.
 */
function closesWithBracket(text: string, event: Event, first: Event): boolean {
  return (
    'start' in event &&
    isBracket(text, event.start) &&
    !('start' in first && first.start === event.start)
  );
}

/** Between the last node of a flow collection and its bracket are only blanks, commas, `:`, `?` and comments. */
function afterBracket(text: string, from: number): number {
  let offset = from;
  for (;;) {
    const character = text[offset];
    if (character === ']' || character === '}' || character === undefined) return offset + 1;
    offset = character === '#' ? endOfLine(text, offset) : offset + 1;
  }
}
