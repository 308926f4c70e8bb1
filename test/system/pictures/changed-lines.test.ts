import { expect, test } from 'vitest';
import { changedLines } from '../../demo/changed-lines.ts';

const group = (n: number) => `- targets:\n  - ${n}\n  clusterID: c${n}\n`;

test.each([
  ['nothing', 'a\nb\n', 'a\nb\n', []],
  ['an added line', 'a\nc\n', 'a\nb\nc\n', ['+b']],
  ['a removed line', 'a\nb\nc\n', 'a\nc\n', ['-b']],
  ['a changed line', 'a\nb\nc\n', 'a\nB\nc\n', ['-b', '+B']],
  [
    'a group, from its own first line on',
    group(1) + group(3),
    group(1) + group(2) + group(3),
    ['+- targets:', '+  - 2', '+  clusterID: c2'],
  ],
  ['everything', 'a', 'b', ['-a', '+b']],
])('%s', (_, before, after, changed) => {
  expect(changedLines(before, after)).toEqual(changed);
});
