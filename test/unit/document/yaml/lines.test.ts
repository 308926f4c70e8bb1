import { expect, test } from 'vitest';
import {
  columnOf,
  endOfLine,
  lineBreakAt,
  skipBlanks,
  skipToToken,
  startOfLine,
  startOfNextLine,
} from '../../../../src/document/yaml/lines.ts';

test.each<[line: string, lineBreak: string][]>([
  [['', '']],
  [['ab', '']],
  [
    ['ab', '\n'],
    ['', '\n'],
    ['c', '\n'],
    ['', ''],
  ],
  [
    ['', '\r\n'],
    ['ab', '\r\n'],
    ['', '\r\n'],
    ['c', ''],
  ],
  [
    ['ab', '\r'],
    ['', '\r'],
    ['c', '\r\n'],
    ['d', '\n'],
    ['', '\r'],
    ['', ''],
  ],
])('lines of a text: %j, %j, %j', (...lines) => {
  const whole = lines.flat().join('');
  for (const mark of ['', '\uFEFF']) {
    let start = mark.length;
    for (const [line, lineBreak] of lines) {
      const end = start + line.length;
      for (let offset = start; offset <= end; offset++) {
        expect(startOfLine(mark + whole, offset)).toBe(start);
        expect(columnOf(mark + whole, offset)).toBe(offset - start);
        expect(endOfLine(mark + whole, offset)).toBe(end);
        expect(startOfNextLine(mark + whole, offset)).toBe(end + lineBreak.length);
      }
      start = end + lineBreak.length;
    }
  }
});

test.each([
  ['a\nb\r\nc\rd', 0, '\n'],
  ['a\nb\r\nc\rd', 2, '\r\n'],
  ['a\nb\r\nc\rd', 5, '\r'],
  ['a\nb\r\nc\rd', 7, '\n'],
  ['a\r\nb', 3, '\r\n'],
  ['a\rb', 2, '\r'],
  ['a', 0, '\n'],
  ['', 0, '\n'],
])('the line break of %j at %i', (text, offset, lineBreak) => {
  expect(lineBreakAt(text, offset)).toBe(lineBreak);
});

test.each([
  ['a ', 'a ', 'a '],
  [' \t a', 'a', 'a'],
  ['\t', '', ''],
  [' \n\t# a\r\n\n \r#\n b # c', '\n\t# a\r\n\n \r#\n b # c', 'b # c'],
  ['# a', '# a', ''],
  ['', '', ''],
])('what follows in %j', (text, afterBlanks, token) => {
  expect(text.slice(skipBlanks(text, 0))).toBe(afterBlanks);
  expect(text.slice(skipToToken(text, 0))).toBe(token);
  expect(skipBlanks(`\t ${text}`, 1)).toBe(2 + skipBlanks(text, 0));
});
