/** Lines and columns of a text by offset. Line breaks are YAML's: LF, CRLF and CR. */

const isBreak = (character: string | undefined) => character === '\n' || character === '\r';

/** The offset of the line's first character; a byte order mark is not part of the first line. */
export function startOfLine(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !isBreak(text[start - 1])) start--;
  return start === 0 && text[0] === '\uFEFF' ? 1 : start;
}

/** The offset of the line's break, or of the text's end. */
export function endOfLine(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && !isBreak(text[end])) end++;
  return end;
}

/** The offset after the line's break, or the text's end. */
export function startOfNextLine(text: string, offset: number): number {
  const end = endOfLine(text, offset);
  return text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : Math.min(end + 1, text.length);
}

/** Characters before the offset in its line. */
export const columnOf = (text: string, offset: number) => offset - startOfLine(text, offset);

/** The line break at the end of the line, or the text's first one, or LF. */
export function lineBreakAt(text: string, offset: number): string {
  const end = endOfLine(text, offset);
  const here = text.slice(end, startOfNextLine(text, end));
  return here || (/\r\n|\n|\r/.exec(text)?.[0] ?? '\n');
}

/** The offset of the next character other than a space or tab. */
export function skipBlanks(text: string, offset: number): number {
  let at = offset;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

/** The offset of the next character outside spaces, tabs, line breaks and comments. */
export function skipToToken(text: string, offset: number): number {
  let at = offset;
  for (;;) {
    at = skipBlanks(text, at);
    if (text[at] === '#') at = endOfLine(text, at);
    if (!isBreak(text[at])) return at;
    at++;
  }
}

/** For messages: `line 3, column 5`, both from 1. */
export function placeOf(text: string, offset: number): string {
  const before = text.slice(0, Math.max(offset, 0)).split(/\r\n|\n|\r/);
  const last = before[before.length - 1] as string;
  return `line ${before.length}, column ${last.length + 1}`;
}
