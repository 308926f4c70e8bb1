import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { faultCodes } from '../../src/fault.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  test.each(faultCodes)('has a row for %s', (code) => {
    expect(readme).toMatch(new RegExp(`^\\|.*\`${code}\`.*\\|.*\\|$`, 'm'));
  });

  test.each(['README.md', 'test/README.md'])('%s names only existing scripts', (path) => {
    const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(named));
  });

  test('links only to existing files', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path as string);
    for (const path of links) {
      expect(() => readFileSync(new URL(`../../${path}`, import.meta.url)), path).not.toThrow();
    }
  });
});

test('test/README.md names only existing files and folders, and every folder of test/system', () => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const paths = [...text.matchAll(/\b(?:test\/)?((?:unit|system|support|mutation)\/[\w./-]*)/g)];
  for (const [, path = ''] of paths) {
    expect(existsSync(new URL(`../${path}`, import.meta.url)), path).toBe(true);
  }
  const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `      ${name}/`);
  for (const folder of folders) expect(text).toContain(folder);
});
