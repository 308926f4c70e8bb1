import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../..', name), 'utf8');
const json = (name: string) => JSON.parse(read(name));
const parts = 'test/support/parts';
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

test.each(['', `${parts}/lambda-runtime/`])(
  'every package is the one that was locked: %s',
  (folder) => {
    const locked: typeof packages = json(`${folder}package-lock.json`).packages;
    expect(Object.keys(locked).length).toBeGreaterThan(1);
    const loose = Object.entries(locked).filter(
      ([path, { integrity }]) => path !== '' && !integrity?.startsWith('sha512-'),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  },
);

describe('the parts of the tests', () => {
  test.each(['requirements.txt', 'zizmor/requirements.txt'])(
    '%s has a hash for every package',
    (name) => {
      const entries = read(`${parts}/${name}`)
        .split(/\n(?=\S)/)
        .filter((entry) => !entry.startsWith('#'));
      expect(entries).not.toEqual([]);
      for (const entry of entries)
        expect(entry).toMatch(
          /^[\w.[\]-]+==\S+( ; [^\\]+)?( \\\n {4}--hash=sha256:[0-9a-f]{64})+\s*$/,
        );
    },
  );

  test('are installed only with these hashes', () => {
    const installs = read(`${parts}/prepare.sh`).match(/\bpip install\b.*/g) ?? [];
    expect(installs).toHaveLength(1);
    expect(installs[0]).toMatch(/--require-hashes\b.* -r /);
  });
});
