import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const json = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../..', name), 'utf8'));
const { allowScripts } = json('package.json') as { allowScripts: Record<string, boolean> };
const { packages } = json('package-lock.json') as {
  packages: Record<string, { hasInstallScript?: boolean; integrity?: string }>;
};
const nameOf = (path: string) => path.replace(/^.*node_modules\//, '');

test('every package that wants to run something when it is installed is approved or denied by name', () => {
  const wanting = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(wanting.map(([path]) => nameOf(path)).sort()).toEqual(Object.keys(allowScripts).sort());
});

test('only Node itself may: its binary comes that way', () => {
  const allowed = Object.entries(allowScripts).filter(([, may]) => may);
  expect(allowed).toEqual([['node', true]]);
});

test('every package is the one that was locked', () => {
  const loose = Object.entries(packages).filter(
    ([path, { integrity }]) => path !== '' && !integrity?.startsWith('sha512-'),
  );
  expect(loose.map(([path]) => path)).toEqual([]);
});
