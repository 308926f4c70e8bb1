import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('.github/SECURITY.md', root), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:---|who could)/.test(line))
  .map((line) => line.slice(2).replace(/ ?\|$/, '').split(' | '));

describe('the threat model', () => {
  test.each([
    'Record writer',
    'Another user of the cluster',
    'Event sender',
    'Repository contributor',
    'Registry',
  ])('has what a %s could do', (who) => {
    expect(rows.filter(([first]) => first?.startsWith(`**${who}**`))).toHaveLength(1);
  });

  test.each(rows)('%s', (...row) => {
    const [who, stops, proof = '', remains] = row;
    expect(row).toHaveLength(4);
    expect([who, stops].every((cell) => (cell ?? '').length > 10)).toBe(true);
    expect(remains).toBeDefined();
    const paths = [...proof.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path = '']) => path);
    expect(paths).not.toEqual([]);
    for (const path of paths) expect(path).toMatch(/^test\/.*\.test\.ts$/);
  });

  test('names only existing tests', () => {
    const paths = text.match(/\btest\/[\w./-]+/g) ?? [];
    expect(paths.length).toBeGreaterThan(rows.length);
    expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });
});
