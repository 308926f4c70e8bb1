import { expect, test } from 'vitest';
import { sameList } from '../../../src/document/same-list.ts';

/** `a x=1` is the target a with the label x. */
const list = (...texts: string[]) =>
  texts.map((text) => {
    const [address = '', ...labels] = text.split(' ');
    return {
      address,
      labels: Object.fromEntries(labels.map((label) => label.split('=') as [string, string])),
    };
  });

test.each<[string[], string[]]>([
  [[], []],
  [
    ['a', 'b'],
    ['b', 'a'],
  ],
  [
    ['a', 'b', 'a'],
    ['a', 'a', 'b'],
  ],
  [
    ['a x=1 y=2', 'b'],
    ['b', 'a y=2 x=1'],
  ],
])('%j and %j are the same', (one, other) => {
  expect(sameList(list(...one), list(...other))).toBe(true);
  expect(sameList(list(...other), list(...one))).toBe(true);
});

test.each<[string[], string[]]>([
  [['a'], ['b']],
  [['a'], ['a', 'a']],
  [
    ['a', 'a', 'b'],
    ['a', 'b', 'b'],
  ],
  [
    ['a', 'b x=1'],
    ['b x=2', 'a'],
  ],
  [
    ['a', 'b x=1'],
    ['b', 'a'],
  ],
  [
    ['a', 'b x=1'],
    ['b y=1', 'a'],
  ],
  [
    ['a', 'b x=1 y=2'],
    ['b x=1', 'a'],
  ],
  [
    ['b', 'a x=1'],
    ['a', 'b x=1'],
  ],
])('%j and %j are not', (one, other) => {
  expect(sameList(list(...one), list(...other))).toBe(false);
  expect(sameList(list(...other), list(...one))).toBe(false);
});
