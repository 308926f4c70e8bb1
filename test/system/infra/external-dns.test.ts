import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';

/*
 * external-dns reads one annotation prefix only, which one depends on its version:
 * https://github.com/kubernetes-sigs/external-dns/releases/tag/v0.22.0
 */

const root = join(import.meta.dirname, '../../..');
const PREFIXES = ['external-dns.kubernetes.io/', 'external-dns.alpha.kubernetes.io/'];

function texts(): { path: string; text: string }[] {
  const paths = ['infra', 'src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|md|ya?ml)$/.test(path))
      .map((path) => join(folder, path)),
  );
  return ['README.md', ...paths].map((path) => {
    return { path, text: readFileSync(join(root, path), 'utf8').replaceAll('\\.', '.') };
  });
}

test('wherever a host name is annotated, it is for every version', () => {
  const found = texts().flatMap(({ path, text }) => {
    const [since, before] = PREFIXES.map((prefix) => text.split(`${prefix}hostname`).length - 1);
    return since || before ? [{ path, since, before }] : [];
  });
  expect(found.map(({ path }) => path).sort()).toEqual([
    'infra/helm/leaf.yaml',
    'infra/reference/troubleshooting.md',
    'src/coverage/remedy.ts',
  ]);
  for (const { path, since, before } of found)
    expect({ path, before }).toEqual({ path, before: since });
});

test("the leaf's values have the same name in both", () => {
  const values = load(readFileSync(join(root, 'infra/helm/leaf.yaml'), 'utf8')) as {
    server: { service: { annotations: Record<string, string> } };
  };
  const { annotations } = values.server.service;
  const [since, before] = PREFIXES.map((prefix) => annotations[`${prefix}hostname`]);
  expect(since).toBe('cluster1.prometheus.internal');
  expect(before).toBe(since);
});
