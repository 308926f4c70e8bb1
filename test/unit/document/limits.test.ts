import { expect, test } from 'vitest';
import { openList } from '../../../src/document/document.ts';
import type { FaultCode } from '../../../src/fault.ts';

const owner = { format: 'static_configs', job: 'federate' } as const;
const job = (value: string) =>
  `scrape_configs:\n  - job_name: federate\n    static_configs: ${value}\n`;

/** `&a0 [x]`, `&a1 [*a0, *a0, ..]`, and so on: ten to the power of `levels` when written out. */
const bomb = (levels: number, of: (inner: string) => string, first: string) =>
  [...Array(levels).keys()]
    .map((i) => `x${i}: &a${i} ${i === 0 ? first : of(`*a${i - 1}`)}\n`)
    .join('');
const ten = (text: string) => Array(10).fill(text).join(', ');

test.each<[string, string, FaultCode]>([
  [
    'deep nesting in brackets',
    `x: ${'['.repeat(101)}${']'.repeat(101)}\n${job('[]')}`,
    'document-limits',
  ],
  ['very deep nesting', `x: ${'['.repeat(1_000_000)}`, 'document-limits'],
  ['very deep nesting of dashes', `x:\n${'- '.repeat(1_000_000)}`, 'document-limits'],
  ['more than four MiB', `# ${'x'.repeat(4 * 1024 * 1024)}\n${job('[]')}`, 'document-limits'],
  [
    'a layout that would need very long lines',
    `x:\n${'- '.repeat(90)}\ny: [\n${'\n'.repeat(2_000_000)}]\n`,
    'document-broken',
  ],
  [
    'labels multiplied by aliases',
    bomb(9, (a) => `{<<: [${ten(a)}]}`, '{y: z}') + job('[{targets: [b], labels: *a8}]'),
    'document-limits',
  ],
  [
    'targets multiplied by aliases',
    `x: &x [${ten(ten(ten(ten('a'))))}]\n${job(`[${ten(ten(ten('{targets: *x}')))}]`)}`,
    'document-limits',
  ],
  ['a group within itself', job('[&x {<<: *x, targets: [a]}]'), 'document-limits'],
  [
    'jobs that each merge a long chain',
    `${[...Array(2_000).keys()].map((i) => `x${i}: &a${i} {<<: *a${Math.max(i - 1, 0)}}\n`).join('')}scrape_configs:\n${'- <<: *a1999\n'.repeat(2_000)}`,
    'document-limits',
  ],
  [
    'merge keys multiplied in the job',
    `${bomb(9, (a) => `{<<: [${ten(a)}]}`, '{static_configs: []}')}scrape_configs:\n- job_name: federate\n  <<: *a8\n`,
    'document-unsafe',
  ],
])('%s is refused in no time', (_, text, code) => {
  const started = performance.now();
  expect(() => openList(text, owner)).toThrow(expect.objectContaining({ code }));
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('what repeats too much says so', () => {
  const text = job('[&x {<<: *x, targets: [a]}]');
  expect(() => openList(text, owner)).toThrow('The aliases of the document expand to too much.');
});

test('aliases elsewhere may expand to any number of nodes', () => {
  const text = bomb(30, (a) => `[${ten(a)}]`, '[x]') + job('[{targets: [a]}]');
  const list = openList(text, owner);
  expect(list.targets).toEqual([{ address: 'a', labels: {} }]);
  expect(list.write([])).toBe(text.replace('[{targets: [a]}]', '[]'));
});

test('a hundred levels are no limit to anyone', () => {
  const text = `x: ${'['.repeat(90)}${']'.repeat(90)}\n${job('[{targets: [a]}]')}`;
  expect(openList(text, owner).targets).toHaveLength(1);
});
