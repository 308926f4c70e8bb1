import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
let folder: string;

/**
 * original/ holds a prometheus.yml as the original Lambda writes it (its structure, marshalled by the library
 * that it uses), and the zones that it was made from.
 */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'moving-over-'));
  cpSync(join(import.meta.dirname, 'original'), folder, { recursive: true });
  // The settings of infra/from-original.yml, on files in place of zones and the ConfigMap.
  const settings = readFileSync(join(root, 'infra/from-original.yml'), 'utf8')
    .replace(/^cluster:\n.*\n/m, '')
    .replace(/zone: ZPROMETHEUS.*/, 'records: prometheus-zone.json')
    .replace(/zone: ZINSTALLATIONS.*\n.*public: true/, 'records: installations-zone.json')
    .replaceAll(/configMap: \{.*\}/g, 'file: prometheus.yml');
  writeFileSync(join(folder, 'federation-sync.yml'), settings);
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (command: string) => {
  const args = [join(root, 'src/cli.ts'), command, '--json'];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })).jobs;
};

test('a document that the original wrote is already what our settings want', () => {
  for (const job of run('plan'))
    expect(job).toMatchObject({ status: 'unchanged', added: [], removed: [], changed: [] });
});

test('and a sync leaves it as it is, to the byte', () => {
  const before = readFileSync(join(folder, 'prometheus.yml'));
  run('sync');
  expect(readFileSync(join(folder, 'prometheus.yml')).equals(before)).toBe(true);
});
