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
  // Within that limit, not even the shortest groups use up the budget of readGroups.
  const lines = text.length > MAX_CHARACTERS ? undefined : linesOf(text, start);
  if (lines === undefined) return undefined;
  const targets: Target[] = [];
  const reader = new Reader(text, lines.first);
  if (!readGroup(reader, lines, targets)) return undefined;
  let leftEnd = reader.at;
  let left = targets.length;
  let lastStart = reader.at;
  let last = 0;
  for (let next = reader.at; reader.skip(lines.group); next = reader.at) {
    lastStart = next;
    last = targets.length;
    if (!readGroup(reader, lines, targets)) return undefined;
    if (lastStart < lines.labelled && lines.labelled < reader.at) {
      leftEnd = reader.at;
      left = targets.length;
    }
  }
  const isOmitted = leftEnd < lastStart;
  if (!isOmitted || !isEndOfList(text, reader.at, columnOf(text, start))) return undefined;
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
  readonly label: string;
}

function linesOf(text: string, start: number): Lines | undefined {
  const dash = 2 + spacesAfter(text, start + 2);
  const head = `- ${' '.repeat(dash - 2)}targets:`;
  if (!text.startsWith(head, start)) return undefined;
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
    label: lineBreak + ' '.repeat(Math.max(names, field + 1)),
  };
}

const spacesAfter = (text: string, offset: number) => skipBlanks(text, offset) - offset;

/** Adds the targets of a group, from after its `targets:`. False where it is written otherwise. */
function readGroup(reader: Reader, lines: Lines, targets: Target[]): boolean {
  const labels: Record<string, string> = {};
  const first = targets.length;
  while (reader.skip(lines.address)) {
    const address = reader.scalar();
    if (address === undefined) return false;
    targets.push({ address, labels });
  }
  if (targets.length === first) return false;
  if (!reader.skip(lines.labels)) return true;
  while (reader.skip(lines.label)) {
    const name = reader.scalar();
    const value = reader.skip(': ') ? reader.scalar() : undefined;
    if (name === undefined || value === undefined || Object.hasOwn(labels, name)) return false;
    // An assignment to `__proto__` would add no label.
    if (name === '__proto__') return false;
    labels[name] = value;
  }
  return Object.keys(labels).length > 0;
}

/** Whether the line ends there, and no further line belongs to a list with dashes in that column. */
function isEndOfList(text: string, end: number, column: number): boolean {
  if (endOfLine(text, end) !== end) return false;
  const next = skipToToken(text, end);
  return next === text.length || columnOf(text, next) < column + (text[next] === '-' ? 0 : 1);
}

const QUOTE = 0x27;
const COLON = 0x3a;

/** By character code: 1 where a plain scalar may have it, 2 where it may also start with it. */
const PLAIN = new Uint8Array(128);
for (const character of '-./') PLAIN[character.charCodeAt(0)] = 1;
for (let code = 0; code < 128; code++) {
  if (/\w/.test(String.fromCharCode(code))) PLAIN[code] = 2;
}

class Reader {
  readonly #text: string;
  at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  /** Moves past that text if it is the one here. */
  skip(text: string): boolean {
    const found = this.#text.startsWith(text, this.at);
    if (found) this.at += text.length;
    return found;
  }

  /**
   * The scalar here: plain and not null, with a colon only before another character, or printable ASCII in single
   * quotes, not empty and without a quote.
   */
  scalar(): string | undefined {
    const start = this.at;
    const isQuoted = this.#text.charCodeAt(start) === QUOTE;
    this.at = isQuoted ? this.#closingQuote() : this.#endOfPlain();
    const text = this.#text.slice(isQuoted ? start + 1 : start, this.at);
    if (isQuoted) return text !== '' && this.skip("'") ? text : undefined;
    return text === '' || text.toLowerCase() === 'null' ? undefined : text;
  }

  #closingQuote(): number {
    let end = this.at;
    let code: number;
    do code = this.#text.charCodeAt(++end);
    while (code >= 0x20 && code <= 0x7e && code !== QUOTE);
    return end;
  }

  #endOfPlain(): number {
    const text = this.#text;
    let end = this.at;
    if (PLAIN[text.charCodeAt(end)] !== 2) return end;
    for (;;) {
      end++;
      const next = text.charCodeAt(end) === COLON ? end + 1 : end;
      if (!PLAIN[text.charCodeAt(next)]) return end;
      end = next;
    }
  }
}
