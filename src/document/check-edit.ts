import { EVENT_ID, type Event } from 'js-yaml';
import { asFault, Fault } from '../fault.ts';
import type { Target } from '../target.ts';
import type { Run } from './canonical-run.ts';
import { readGroups } from './read-groups.ts';
import { sameInOrder } from './same-list.ts';
import { OFFSETS } from './yaml/events.ts';
import { isList, scalarText, type Yaml } from './yaml/nodes.ts';
import { parseYaml } from './yaml/parse.ts';
import { isBlockScalar, type NodeId } from './yaml/ranges.ts';

/** The events that an edit may change: [first, end) of the text before it. */
export interface Changed {
  readonly first: NodeId;
  readonly end: NodeId;
  /** The key is also new. */
  readonly withKey: boolean;
}

/**
 * Parses the text after an edit, and throws Fault `document-check` unless every event outside the changed
 * ones is as before (the same scalars as written, anchors, tags and styles, in the same place or moved
 * by the growth of the list), and the list equals `wanted`.
 */
export function checkEdit(
  before: Yaml,
  text: string,
  changed: Changed,
  wanted: readonly Target[],
): void {
  const after = parseAgain(text);
  const grown = after.events.length - before.events.length;
  const end = changed.end + grown;
  if (end <= changed.first) throw failed('the document changed around the list');
  const moved = text.length - before.text.length;
  for (let id = 0; id < changed.first; id++) {
    if (!sameEvent(before, id, after, id, 0)) throw failed('the text before the list changed');
  }
  for (let id = changed.end; id < before.events.length; id++) {
    if (!sameEvent(before, id, after, id + grown, moved)) {
      throw failed('the text after the list changed');
    }
  }
  const list = changed.withKey ? changed.first + 1 : changed.first;
  if (changed.withKey && scalarText(after, changed.first) !== 'static_configs') {
    throw failed('the key static_configs is missing');
  }
  if (!isList(after, list) || after.next[list] !== end)
    throw failed('static_configs must be a list');
  if (!sameInOrder(readGroups(after, list).targets, wanted)) {
    throw failed('the list does not have the wanted targets');
  }
}

/**
 * The same check. Where the text has the wanted list as a run, its short text is parsed instead, in which the first and
 * the last group stand for the list.
 *
 * @param run the list in the text, if it is one
 */
export function checkWritten(
  before: Yaml,
  text: string,
  changed: Changed,
  wanted: readonly Target[],
  run: Run | undefined,
): void {
  if (run !== undefined && sameInOrder(run.targets, wanted)) {
    try {
      checkEdit(before, run.short, changed, run.shortTargets);
      return;
    } catch {
      // The places in a fault's message must be those of the whole text.
    }
  }
  checkEdit(before, text, changed, wanted);
}

function parseAgain(text: string): Yaml {
  try {
    return parseYaml(text);
  } catch (error) {
    throw failed(asFault(error).message);
  }
}

const failed = (what: string) =>
  new Fault('document-check', `The edited document failed its check: ${what.replace(/\.$/, '')}.`);

/** The fields of all kinds of events. */
type Fields = { readonly type: number; readonly style?: number } & {
  readonly [offset: string]: number | undefined;
};

/** Whether only its place changed: offsets moved with the text; a missing offset (-1) is still missing. */
function sameEvent(before: Yaml, one: number, after: Yaml, other: number, moved: number): boolean {
  const a = before.events[one] as Event;
  const b = after.events[other] as Event;
  if (a.type === EVENT_ID.DOCUMENT) return JSON.stringify(a) === JSON.stringify(b);
  const [was, is] = [a as Fields, b as Fields];
  // The range of a block scalar includes the empty lines after its text.
  const isBlock = a.type === EVENT_ID.SCALAR && isBlockScalar(a);
  const moves = (offset: number | undefined) =>
    offset === undefined || offset === -1 ? offset : offset + moved;
  return (
    was.type === is.type &&
    was.style === is.style &&
    OFFSETS.every((name) => (isBlock && name === 'valueEnd') || is[name] === moves(was[name])) &&
    (!isBlock || scalarText(before, one) === scalarText(after, other))
  );
}
