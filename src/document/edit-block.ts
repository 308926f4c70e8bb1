import { CHOMPING_MODE, EVENT_ID, type ScalarEvent } from 'js-yaml';
import type { Target } from '../targets/target.ts';
import { blockList } from './block-list.ts';
import type { ListStyle } from './list-style.ts';
import { isBlockScalar, type NodeId } from './measure.ts';
import {
  columnOf,
  endOfLine,
  lineBreakAt,
  skipBlanks,
  skipToToken,
  startOfLine,
} from './text-lines.ts';
import { unsafe } from './yaml-merge.ts';
import { contentStart, isFlow, isList, type Pair, startOf, type Yaml } from './yaml-tree.ts';

/** Text to put in place of [start, end). */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Writes the targets as the value of a key in a block mapping. A block list gives way from its first dash to
 * the end of its last line; whatever else stands there (`[]`, `null`, nothing, a flow list) gives way to
 * lines under the key, and a comment after it stays on its line.
 */
export function replaceInBlock(
  yaml: Yaml,
  { key, value }: Pair,
  wanted: readonly Target[],
  style: ListStyle,
): Edit {
  const { text } = yaml;
  const colon = afterColon(yaml, key);
  const keyColumn = columnOf(text, startOf(yaml, key));
  const lineBreak = lineBreakAt(text, colon);
  if (isList(yaml, value) && !isFlow(yaml, value)) {
    const start = contentStart(yaml, value);
    const column = columnOf(text, start);
    const end = endOfBlock(yaml, value, column, column + 1);
    if (wanted.length > 0) return { start, end, text: blockList(wanted, style, column, lineBreak) };
    // Comments before the first dash are not ours: where they have lines, the empty list stands after them.
    const between = text.slice(colon, start).trimEnd();
    if (!/[\r\n]/.test(between) && startOf(yaml, value) === start)
      return { start: colon, end, text: ` []${between}` };
    return { start, end, text: column > keyColumn ? '[]' : '  []' };
  }
  // A tag stays where it is, before the list; null has none, or one (`!!null`) that goes with it.
  const start = isList(yaml, value) ? contentStart(yaml, value) : startOf(yaml, value);
  const end = start === -1 ? colon : (yaml.end[value] as number);
  if (wanted.length === 0) {
    return start === -1 ? { start: colon, end: colon, text: ' []' } : { start, end, text: '[]' };
  }
  const lineEnd = endOfLine(text, end);
  const rest = text.slice(end, lineEnd).trimEnd();
  const before = text.slice(
    startOfLine(text, start === -1 ? colon : start),
    Math.max(start, colon),
  );
  const ownLine = start !== -1 && before.trim() === '';
  const column = ownLine ? columnOf(text, start) : keyColumn + style.item;
  const list = blockList(wanted, style, column, lineBreak);
  const below = `${lineBreak}${' '.repeat(column)}${list}`;
  if (!ownLine) {
    return {
      start: start === -1 ? colon : endBefore(text, start),
      end: lineEnd,
      text: rest + below,
    };
  }
  return { start, end: lineEnd, text: rest === '' ? list : rest.trimStart() + below };
}

/** The offset after the last character before `offset` that is no blank. */
function endBefore(text: string, offset: number): number {
  let end = offset;
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end--;
  return end;
}

/** Adds the key `static_configs` with the targets after the last pair of a job that is a block mapping. */
export function addToBlock(
  yaml: Yaml,
  job: NodeId,
  wanted: readonly Target[],
  style: ListStyle,
): Edit {
  const { text } = yaml;
  const column = columnOf(text, contentStart(yaml, job));
  const lineBreak = lineBreakAt(text, contentStart(yaml, job));
  const indent = ' '.repeat(column);
  const list = blockList(wanted, style, column + style.item, lineBreak);
  const lines = `${indent}static_configs:${lineBreak}${' '.repeat(column + style.item)}${list}`;
  const after = endOfBlock(yaml, job, column, column);
  const last = lastBlockScalar(yaml, job);
  if (last !== undefined && last.valueEnd >= after && last.chomping !== CHOMPING_MODE.STRIP) {
    if (last.valueEnd === text.length && !/[\r\n]$/.test(text)) {
      // A line break after it would become part of that text, for some parsers.
      throw unsafe(yaml, job, 'the document ends inside a block of text, without a line break');
    }
    // What a text keeps includes the empty lines that follow it.
    if (last.chomping === CHOMPING_MODE.KEEP) {
      return { start: last.valueEnd, end: last.valueEnd, text: lines + lineBreak };
    }
  }
  return { start: after, end: after, text: lineBreak + lines };
}

function lastBlockScalar(yaml: Yaml, node: NodeId): ScalarEvent | undefined {
  for (let id = (yaml.next[node] as number) - 1; id > node; id--) {
    const event = yaml.events[id];
    if (event?.type !== EVENT_ID.SCALAR || event.valueStart === -1) continue;
    return isBlockScalar(event) ? event : undefined;
  }
  return undefined;
}

/** The offset after a key's colon. Throws Fault `document-unsafe` where the key is written as `? key`. */
export function afterColon(yaml: Yaml, key: NodeId, inFlow = false): number {
  const end = yaml.end[key] as number;
  const colon = inFlow ? skipToToken(yaml.text, end) : skipBlanks(yaml.text, end);
  if (yaml.text[colon] !== ':') {
    throw unsafe(yaml, key, 'the key has no colon after it on its line');
  }
  return colon + 1;
}

/**
 * The end of the last line of a block collection whose dashes stand in `dashes` or deeper, and whose `?` and
 * `:` in `indicators` or deeper. A dash without a value has no event, nor has the colon of a null: they are
 * looked for after the last thing that has one.
 */
function endOfBlock(yaml: Yaml, node: NodeId, dashes: number, indicators: number): number {
  const { text } = yaml;
  let end = yaml.end[node] as number;
  for (;;) {
    const at = skipToToken(text, end);
    const character = text[at];
    if (character !== '-' && character !== '?' && character !== ':') break;
    if (!/^[ \t\r\n]?$/.test(text[at + 1] ?? '')) break;
    if (columnOf(text, at) < (character === '-' ? dashes : indicators)) break;
    end = at + 1;
  }
  return endOfLine(text, end);
}
