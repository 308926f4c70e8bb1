import { CHOMPING_MODE, EVENT_ID, type ScalarEvent } from 'js-yaml';
import { blockList } from './block-list.ts';
import type { ListStyle } from './indentation.ts';
import type { TargetGroup } from './target-groups.ts';
import {
  columnOf,
  endOfLine,
  lineBreakAt,
  skipBlanks,
  skipToToken,
  startOfLine,
} from './yaml/lines.ts';
import { unsafe } from './yaml/merge-keys.ts';
import { contentStart, isFlow, isList, type Pair, startOf, type Yaml } from './yaml/nodes.ts';
import { isBlockScalar, type NodeId } from './yaml/ranges.ts';

/** Text that replaces [start, end). */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A list in lines. */
export interface BlockLines {
  readonly isEmpty: boolean;
  /** Columns from its key to its dashes, where it has no place yet. */
  readonly indent: number;
  /** Its text with dashes in that column, without the indentation of the first line and a final line break. */
  text(column: number, lineBreak: string): string;
}

export const linesOf = (groups: readonly TargetGroup[], style: ListStyle): BlockLines => ({
  isEmpty: groups.length === 0,
  indent: style.item,
  text: (column, lineBreak) => blockList(groups, style, column, lineBreak),
});

/**
 * Writes a list as the value of a key in a block mapping, as lines under it:
 *
 *     static_configs:  # stays           static_configs: []  # stays      static_configs:
 *       # stays                                                               null  # stays
 *       - targets: [old]  # goes
 *         # goes                         becomes                          becomes
 *       - targets: [old]  # goes         static_configs:  # stays         static_configs:
 *       # stays                            - targets:                         # stays
 *     next: 1                                - new                            - targets:
 */
export function replaceInBlock(yaml: Yaml, pair: Pair, list: BlockLines): Edit {
  const lines = isList(yaml, pair.value) && !isFlow(yaml, pair.value);
  if (list.isEmpty) return lines ? emptyLines(yaml, pair) : emptyInline(yaml, pair);
  return lines ? replaceLines(yaml, pair, list) : replaceInline(yaml, pair, list);
}

/** Replaces a block list from its first dash to the end of its last line. */
function replaceLines(yaml: Yaml, { key, value }: Pair, lines: BlockLines): Edit {
  const lineBreak = lineBreakAt(yaml.text, afterColon(yaml, key));
  const start = contentStart(yaml, value);
  const column = columnOf(yaml.text, start);
  const end = endOfBlock(yaml, value, column, column + 1);
  return { start, end, text: lines.text(column, lineBreak) };
}

/** Comments before the first dash are kept: where they are on lines of their own, `[]` follows them. */
function emptyLines(yaml: Yaml, { key, value }: Pair): Edit {
  const colon = afterColon(yaml, key);
  const start = contentStart(yaml, value);
  const column = columnOf(yaml.text, start);
  const end = endOfBlock(yaml, value, column, column + 1);
  const between = yaml.text.slice(colon, start).trimEnd();
  const tagged = startOf(yaml, value) !== start;
  if (!tagged && !/[\r\n]/.test(between)) return { start: colon, end, text: ` []${between}` };
  const keyColumn = columnOf(yaml.text, startOf(yaml, key));
  return { start, end, text: column > keyColumn ? '[]' : '  []' };
}

/** `[]`, `null`, nothing, or a flow list becomes lines under the key; the rest of the key's line is kept. */
function replaceInline(yaml: Yaml, { key, value }: Pair, lines: BlockLines): Edit {
  const { text } = yaml;
  const colon = afterColon(yaml, key);
  const { start, end } = inlineRange(yaml, { key, value });
  const lineEnd = endOfLine(text, end);
  const comment = text.slice(end, lineEnd).trimEnd();
  const ownLine = text.slice(startOfLine(text, start), start).trim() === '';
  const column = ownLine
    ? columnOf(text, start)
    : columnOf(text, startOf(yaml, key)) + lines.indent;
  const lineBreak = lineBreakAt(text, colon);
  const list = lines.text(column, lineBreak);
  const below = `${lineBreak}${' '.repeat(column)}${list}`;
  if (!ownLine) return { start: endBefore(text, start), end: lineEnd, text: comment + below };
  return { start, end: lineEnd, text: comment === '' ? list : comment.trimStart() + below };
}

function emptyInline(yaml: Yaml, pair: Pair): Edit {
  return { ...inlineRange(yaml, pair), text: '[]' };
}

/** A tag before a list is kept; null has none, or one (`!!null`) that is removed with it. */
function inlineRange(yaml: Yaml, { key, value }: Pair): { start: number; end: number } {
  const start = isList(yaml, value) ? contentStart(yaml, value) : startOf(yaml, value);
  if (start !== -1) return { start, end: yaml.end[value] as number };
  const colon = afterColon(yaml, key);
  return { start: colon, end: colon };
}

/** The offset after the last non-blank character before `offset`. */
function endBefore(text: string, offset: number): number {
  let end = offset;
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end--;
  return end;
}

/** Adds the key `static_configs` with the targets after the last pair of a job that is a block mapping. */
export function addToBlock(yaml: Yaml, job: NodeId, list: BlockLines): Edit {
  const { text } = yaml;
  const column = columnOf(text, contentStart(yaml, job));
  const lineBreak = lineBreakAt(text, contentStart(yaml, job));
  const indent = ' '.repeat(column);
  const inner = column + list.indent;
  const below = `${' '.repeat(inner)}${list.text(inner, lineBreak)}`;
  const lines = `${indent}static_configs:${lineBreak}${below}`;
  const after = endOfBlock(yaml, job, column, column);
  const last = lastBlockScalar(yaml, job);
  if (last !== undefined && last.valueEnd >= after && last.chomping !== CHOMPING_MODE.STRIP) {
    if (last.valueEnd === text.length && !/[\r\n]$/.test(text)) {
      // Some parsers would make a line break after it part of that text.
      throw unsafe(yaml, job, 'the document ends in a block scalar without a line break');
    }
    // A text with `+` includes the empty lines that follow it.
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
    throw unsafe(yaml, key, 'the key must be followed by a colon on its line');
  }
  return colon + 1;
}

/**
 * The end of the last line of a block collection with dashes in column `dashes` or deeper, and with `?` and
 * `:` in `indicators` or deeper. A dash without a value has no event, nor does the colon of a null: they are
 * searched for after the last node that has one.
 */
export function endOfBlock(yaml: Yaml, node: NodeId, dashes: number, indicators: number): number {
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
