import { expect, test } from 'vitest';
import { fill, groupsOf, namesIn } from '../../../src/targets/template.ts';

test('the names in a template are those in braces', () => {
  expect(namesIn('{label}:{port}')).toEqual(['label', 'port']);
  expect(namesIn('{a}{a}')).toEqual(['a', 'a']);
  expect(namesIn('text')).toEqual([]);
  expect(namesIn('{}')).toEqual(['']);
  expect(namesIn('{a b}')).toEqual(['a b']);
  expect(namesIn('{{a}}')).toEqual(['a']);
  expect(namesIn('{a')).toEqual([]);
});

test('a template is filled with text, whatever the text is', () => {
  expect(fill('{a}-{b}', { a: '$1{b}', b: '' })).toEqual({ text: '$1{b}-' });
});

test('a value that is unset leaves no text at all', () => {
  expect(fill('{a}-{b}', { a: '1', b: undefined })).toEqual({ unset: 'b' });
  expect(fill('{toString}', {})).toEqual({ unset: 'toString' });
});

test('the groups of a pattern are asked of the pattern', () => {
  expect(groupsOf('^(?<a>x)(?:(?<b>y)|z)(?=(?<c>w))$')).toEqual(['a', 'b', 'c']);
  expect(groupsOf('(?<=x)(?<!y)(z)')).toEqual([]);
  expect(groupsOf('\\(?<a>')).toEqual([]);
  expect(groupsOf('(?<a>x)|(?<a>y)')).toEqual(['a']);
});
