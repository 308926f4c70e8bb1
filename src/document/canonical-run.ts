import type { Target } from '../target.ts';
import { sameInOrder } from './same-list.ts';
import { columnOf, endOfLine, lineBreakAt, skipBlanks, skipToToken } from './yaml/lines.ts';
import { MAX_CHARACTERS } from './yaml/parse.ts';

/**
 * A list of target groups exactly as `blockList` writes it, and a document without most of them. Left are the first
 * ones, up to one with labels (its indentation is the style of the list), and the last. Between them YAML allows no
 * other reading than the one here: every line is whole, and every scalar is plain or in single quotes on one line.
 * So what a parser reads in the short text is what it would read there in the whole one:
 *
 *     static_configs:          short:    static_configs:
 *       - targets:                         - targets:
 *         - a                                - a
 *       - targets:                         - targets:
 *         - b                                - c
 *       - targets:                       scheme: https
 *         - c
 *     scheme: https
 */
export interface Run {
  readonly targets: Target[];
  /** The offset of the first dash, in both texts. */
  readonly start: number;
  readonly short: string;
  /** The targets of the groups that are left. */
  readonly shortTargets: readonly Target[];
  /** The characters that are not in the short text. */
  readonly omitted: number;
}

export type ReadRun = (text: string, from: number) => Run | undefined;

/** The run that is the next token from that offset; undefined where a list is written otherwise, even in part. */
export const readRun: ReadRun = (text, from) => {
  const start = skipToToken(text, from);
  const lines = text.length > MAX_CHARACTERS ? undefined : linesOf(text, start);
  if (lines === undefined) return undefined;
  const targets: Target[] = [];
  let end = readGroup(text, lines.first, lines, targets);
  let leftEnd = end;
  let left = targets.length;
  let lastStart = end;
  let last = 0;
  while (end !== -1 && text.startsWith(lines.group, end)) {
    lastStart = end;
    last = targets.length;
    end = readGroup(text, end + lines.group.length, lines, targets);
    if (lastStart < lines.labelled && lines.labelled < end) {
      leftEnd = end;
      left = targets.length;
    }
  }
  if (lastStart <= leftEnd || end === -1 || !isEndOfList(text, end, columnOf(text, start))) {
    return undefined;
  }
  return {
    targets,
    start,
    short: text.slice(0, leftEnd) + text.slice(lastStart),
    shortTargets: [...targets.slice(0, left), ...targets.slice(last)],
    omitted: lastStart - leftEnd,
  };
};

/**
 * What `read` returns for the short text, with all targets of the run; undefined where the run is not its list, or where
 * it throws: the places in a fault's message are those of the whole text.
 */
export function readShort<List extends { readonly targets: Target[] }>(
  run: Run | undefined,
  read: (short: string) => List,
): List | undefined {
  if (run === undefined) return undefined;
  try {
    const list = read(run.short);
    return sameInOrder(list.targets, run.shortTargets)
      ? { ...list, targets: run.targets }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The texts between the scalars of a list; all but `first` begin with a line break. */
interface Lines {
  /** The offset after the first `targets:`. */
  readonly first: number;
  readonly group: string;
  readonly address: string;
  readonly labels: string;
  /** The offset of the first `labels:` in that column, -1 without one. */
  readonly labelled: number;
  /** undefined where the names under it are not further right. */
  readonly label: string | undefined;
}

function linesOf(text: string, start: number): Lines | undefined {
  const dash = skipBlanks(text, start + 1) - start;
  const head = `-${' '.repeat(dash - 1)}targets:`;
  if (dash < 2 || !text.startsWith(head, start)) return undefined;
  const first = start + head.length;
  const lineBreak = lineBreakAt(text, first);
  const column = columnOf(text, start);
  const field = column + dash;
  const nested = spacesAfter(text, first + lineBreak.length);
  if (nested < field) return undefined;
  const labels = `${lineBreak}${' '.repeat(field)}labels:`;
  const labelled = text.indexOf(labels, first);
  const names = spacesAfter(text, labelled + labels.length + lineBreak.length);
  return {
    first,
    group: `${lineBreak}${' '.repeat(column)}${head}`,
    address: `${lineBreak}${' '.repeat(nested)}- `,
    labels,
    labelled,
    label: names > field ? lineBreak + ' '.repeat(names) : undefined,
  };
}

const spacesAfter = (text: string, offset: number) => skipBlanks(text, offset) - offset;

/** Adds the targets of a group, from after its `targets:`. The offset after the group, or -1. */
function readGroup(text: string, from: number, lines: Lines, targets: Target[]): number {
  const { address, label } = lines;
  const labels: Record<string, string> = {};
  let at = from;
  while (text.startsWith(address, at)) {
    const start = at + address.length;
    at = endOfScalar(text, start);
    if (at === -1) return -1;
    targets.push({ address: scalarAt(text, start, at), labels });
  }
  if (at === from) return -1;
  if (!text.startsWith(lines.labels, at)) return at;
  at += lines.labels.length;
  if (label === undefined || !text.startsWith(label, at)) return -1;
  while (text.startsWith(label, at)) {
    const start = at + label.length;
    const colon = endOfScalar(text, start);
    if (colon === -1 || !text.startsWith(': ', colon)) return -1;
    const name = scalarAt(text, start, colon);
    at = endOfScalar(text, colon + 2);
    // An assignment to `__proto__` adds no label.
    if (at === -1 || name === '__proto__' || Object.hasOwn(labels, name)) return -1;
    labels[name] = scalarAt(text, colon + 2, at);
  }
  return at;
}

/** Whether the line ends there, and no further line belongs to a list with dashes in that column. */
function isEndOfList(text: string, end: number, column: number): boolean {
  if (endOfLine(text, end) !== end) return false;
  const next = skipToToken(text, end);
  return next === text.length || columnOf(text, next) < column + (text[next] === '-' ? 0 : 1);
}

const QUOTE = 0x27;
const COLON = 0x3a;

/** Per character code: 1 where a plain scalar may have it, 2 where it may also start with it. */
const PLAIN = new Uint8Array(128);
for (const character of '-./') PLAIN[character.charCodeAt(0)] = 1;
for (let code = 0; code < 128; code++) {
  if (/\w/.test(String.fromCharCode(code))) PLAIN[code] = 2;
}

/**
 * The end of the scalar that starts there, -1 without one: plain and not null, with a colon only before another
 * character, or printable ASCII in single quotes, not empty and without a quote.
 */
function endOfScalar(text: string, start: number): number {
  let end = start;
  let code = text.charCodeAt(start);
  if (code === QUOTE) {
    do code = text.charCodeAt(++end);
    while (code >= 0x20 && code <= 0x7e && code !== QUOTE);
    return code === QUOTE && end > start + 1 ? end + 1 : -1;
  }
  if (PLAIN[code] !== 2) return -1;
  do {
    code = text.charCodeAt(++end);
    if (code === COLON) code = text.charCodeAt(++end);
  } while ((PLAIN[code] ?? 0) > 0);
  if (text.charCodeAt(end - 1) === COLON) end--;
  return end - start === 4 && text.slice(start, end).toLowerCase() === 'null' ? -1 : end;
}

function scalarAt(text: string, start: number, end: number): string {
  return text.charCodeAt(start) === QUOTE ? text.slice(start + 1, end - 1) : text.slice(start, end);
}
