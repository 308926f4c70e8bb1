import { COLLECTION_STYLE, type Event, parseEvents, YAMLException } from 'js-yaml';
import { measure } from './ranges.ts';

/**
 * js-yaml's events of a text; throws its YAMLException. Between brackets js-yaml 5.5 requires every line to be
 * indented more than the enclosing block, and allows no tab after a comma on some lines. Prometheus's parser
 * does not, and many people write:
 *
 *     targets: [
 *       a.example.com
 *     ]
 *
 * Such a text is parsed from a copy in which those lines are indented further and those tabs are spaces; the
 * offsets are then mapped back to the original text.
 */
export function parseText(text: string, maxDepth: number): Event[] {
  try {
    return parseEvents(text, { maxDepth });
  } catch (error) {
    const events = error instanceof YAMLException ? parseIndented(text, maxDepth) : undefined;
    if (events === undefined) throw error;
    return events;
  }
}

/** The most spaces that the copy may add. */
const MAX_ADDED = 16 * 1024 * 1024;

/** undefined if that does not help, or would change more than the layout between brackets. */
function parseIndented(text: string, maxDepth: number): Event[] | undefined {
  const lines = linesBetweenBrackets(text);
  // After an anchor or a tag alone on its line js-yaml requires one more.
  const indent = ' '.repeat(deepestIndent(text) + 2);
  if (lines.length * indent.length > MAX_ADDED) return undefined;
  let copy = '';
  let from = 0;
  for (const line of lines) {
    copy += text.slice(from, line) + indent;
    from = line;
  }
  copy += text.slice(from);
  copy = copy.replace(TAB_AFTER, (match) => match.charAt(0) + ' '.repeat(match.length - 1));
  try {
    const events = parseEvents(copy, { maxDepth });
    putBack(events, lines, indent.length);
    return areBetweenBrackets(lines, text, events) ? events : undefined;
  } catch (error) {
    if (error instanceof YAMLException) return undefined;
    throw error;
  }
}

const TAB_AFTER = /[,[{:][ \t]*\t/g;

/** The last column in which anything starts; dashes indent what follows them on their line. */
function deepestIndent(text: string): number {
  let deepest = 0;
  for (const [indent] of text.matchAll(/^[ \t?:-]+/gm)) deepest = Math.max(deepest, indent.length);
  return deepest;
}

/** A line break, a comment, a quoted text, a bracket; quotes and brackets only where they can open something. */
const TOKEN =
  /\r\n|[\r\n]|(?<!\S)#[^\r\n]*|(?<![^\s[{,:'"])(?:'[^']*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*")|[[\]{}]/g;

/**
 * The starts of the lines that appear to be between brackets. It handles brackets, quotes and comments, and
 * nothing else of YAML: for a text with brackets in block scalars it may be wrong, so the result is checked.
 */
function linesBetweenBrackets(text: string): number[] {
  const lines: number[] = [];
  const tokens = new RegExp(TOKEN);
  let depth = 0;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match;
    const opens = depth > 0 || /[\s[{,:]|^$/.test(text.charAt(match.index - 1));
    if (/^[[{]/.test(token) && opens) depth++;
    else if (/^[\]}]/.test(token) && depth > 0) depth--;
    else if (/[\r\n]/.test(token)) {
      if (depth === 0) {
        // A quote of several lines outside brackets may be an apostrophe: only its first line is skipped.
        tokens.lastIndex = match.index + 1;
        continue;
      }
      for (const { index, 0: found } of token.matchAll(/\r\n|[\r\n]/g)) {
        lines.push(match.index + index + found.length);
      }
    }
  }
  return lines;
}

/** Maps offsets of the copy, in which lines starting at `moved` have `added` more spaces, to the text. */
function putBack(events: readonly Event[], moved: readonly number[], added: number): void {
  let lines = 0;
  const original = (offset: number): number => {
    // Offsets mostly grow from event to event, so the search continues from the last one.
    while ((moved[lines] ?? Infinity) + lines * added < offset) lines++;
    while (lines > 0 && (moved[lines - 1] as number) + (lines - 1) * added >= offset) lines--;
    return offset - lines * added;
  };
  for (const event of events as unknown as Record<string, number>[]) {
    for (const name of OFFSETS)
      if ((event[name] ?? -1) >= 0) event[name] = original(event[name] as number);
  }
}

/** Every field of an event that is an offset into the text. */
export const OFFSETS = [
  'start',
  'anchorStart',
  'anchorEnd',
  'tagStart',
  'tagEnd',
  'valueStart',
  'valueEnd',
];

/** Elsewhere (in a block scalar) added spaces would change the text. */
function areBetweenBrackets(lines: readonly number[], text: string, events: Event[]): boolean {
  const { next, end } = measure(text, events);
  let line = 0;
  for (let id = 1; id < events.length; ) {
    const event = events[id] as Event;
    const flow = 'start' in event && event.style === COLLECTION_STYLE.FLOW;
    if (flow) {
      if ((lines[line] ?? Infinity) < event.start) return false;
      while ((lines[line] ?? Infinity) < (end[id] as number)) line++;
    }
    id = flow ? (next[id] as number) : id + 1;
  }
  return line === lines.length;
}
