import { describe, expect, test } from 'vitest';
import { pages as built, SECTIONS } from '../../../infra/docs/build.ts';
import { sectionsOf, withSections } from '../../../infra/docs/sections.ts';
import { outputsOf } from './outputs.ts';
import { pageAt, pages } from './pages.ts';

test.each(Object.entries(built()))('%s is what npm run docs writes', (path, text) => {
  expect(pageAt(path).text).toBe(text);
});

test('every generated section is on one page', () => {
  const found = pages.flatMap(({ text }) => sectionsOf(text));
  expect(found.sort()).toEqual(Object.keys(SECTIONS).sort());
});

describe('a generated section', () => {
  const page = 'before\n<!-- generated: rooms -->\nold\n<!-- /generated -->\nafter\n';

  test('is replaced, and the rest of the page is left as it is', () => {
    expect(withSections(page, { rooms: () => 'new $1\n' })).toBe(
      page.replace('old', () => 'new $1'),
    );
  });

  test('that nothing generates is an error', () => {
    expect(() => withSections(page, {})).toThrow('nothing generates the section rooms');
  });
});

/** What is generated or printed is as long as it has to be. */
const byHand = (text: string) =>
  text.replaceAll(/^<!-- (generated|output|bench)\b[\s\S]*?^<!-- \/\1 -->$/gm, '');

test.each(pages.map(({ path, text }) => [path, text] as const))('%s can be read', (_, text) => {
  expect(byHand(text).split('\n').length).toBeLessThanOrEqual(200);
});

test('the index is short, and leads to every page of infra', () => {
  const { text } = pageAt('infra/README.md');
  expect(text.split('\n').length).toBeLessThanOrEqual(60);
  const others = pages.flatMap(({ path }) => (path.startsWith('infra/') ? [path.slice(6)] : []));
  for (const path of others) if (path !== 'README.md') expect(text).toContain(`](${path})`);
});

test('the outputs of troubleshooting have names of their own', () => {
  const names = outputsOf(pageAt('infra/reference/troubleshooting.md').text);
  expect(names.length).toBeGreaterThan(10);
  expect(new Set(names).size).toBe(names.length);
});
