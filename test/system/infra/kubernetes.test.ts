import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetesRole } from '../../../src/kubernetes-policy.ts';
import { parseSettings } from '../../../src/settings/parse.ts';

const infra = join(import.meta.dirname, '../../../infra');
const read = (path: string) => readFileSync(join(infra, path), 'utf8');
const documents = (path: string) => parseAllDocuments(read(path)).map((one) => one.toJS());
const settings = (path: string) => parseSettings(read(path), path, infra);

test('rbac.yaml is what `federation-sync policy kubernetes` prints for the example', () => {
  const { items } = kubernetesRole(settings('federation-sync.example.yml'));
  expect(documents('kubernetes/rbac.yaml')).toEqual(items);
});

test("the CronJob's Role is what its settings need, for its service account", () => {
  const all = documents('kubernetes/cronjob.yaml');
  const one = (kind: string) => all.find((manifest) => manifest.kind === kind);
  const text = one('ConfigMap').data['federation-sync.yml'];
  const { items } = kubernetesRole(parseSettings(text, 'federation-sync.yml', '/'), {
    serviceAccount: one('ServiceAccount').metadata.name,
    namespace: one('ServiceAccount').metadata.namespace,
  });
  expect([one('Role'), one('RoleBinding')]).toEqual(items);
});

/** A file with its commented `expect` in effect. */
const withExpect = (text: string) =>
  text.replace(/^( *)# (expect:\n)\1# ( *- eks: .*\n)/m, '$1$2$1$3');

test('the commented expect of the example and of the CronJob is one that the product takes', () => {
  const [{ data }] = documents('kubernetes/cronjob.yaml').filter(
    ({ kind }) => kind === 'ConfigMap',
  );
  const inPod = /(?<= {4}# )expect:\n.*\n/.exec(read('kubernetes/cronjob.yaml'));
  expect(inPod).not.toBeNull();
  for (const text of [read('federation-sync.example.yml'), data['federation-sync.yml']]) {
    const [job] = parseSettings(withExpect(text), 'federation-sync.yml', '/').jobs;
    expect(job!.expect).toEqual([
      { eks: { region: 'eu-west-1', name: '^prod-(?<clusterID>.+)$', connected: false } },
    ]);
  }
});

test('the CronJob for coverage differs from that of the sync only in what it runs, and when', () => {
  const [sync] = documents('kubernetes/cronjob.yaml').filter(({ kind }) => kind === 'CronJob');
  const [coverage, ...others] = documents('kubernetes/coverage.yaml');
  expect(others).toEqual([]);
  const text = JSON.stringify(coverage)
    .replaceAll('federation-coverage', 'federation-sync')
    .replaceAll('"coverage"', '"sync"')
    .replace('*/5 * * * *', sync.spec.schedule);
  const renamed = JSON.parse(text);
  renamed.spec.failedJobsHistoryLimit = sync.spec.failedJobsHistoryLimit;
  expect(renamed).toEqual(sync);
});

test("the image's and the CronJobs' tag is this version", () => {
  const { version } = JSON.parse(readFileSync(join(infra, '../package.json'), 'utf8'));
  for (const name of ['cronjob', 'coverage'])
    expect(read(`kubernetes/${name}.yaml`)).toContain(`image: federation-sync:${version}\n`);
  expect(read('kubernetes/Dockerfile')).toContain(`-t federation-sync:${version} `);
});

test('the example settings, the tree and the moves are settings that the product takes', () => {
  expect(settings('federation-sync.example.yml').jobs).toHaveLength(1);
  expect(settings('tree.yml').jobs.map(({ name }) => name)).toEqual(['clusters', 'shards']);
  expect(settings('from-original.yml').jobs.map(({ job }) => job)).toEqual([
    'federate',
    'blackbox',
  ]);
  expect(settings('from-blackbox.yml').jobs.map(({ job }) => job)).toEqual([
    'blackbox',
    'bind-server-1',
  ]);
  expect(settings('from-thanos.yml').jobs.map(({ name }) => name)).toEqual(['thanos']);
});
