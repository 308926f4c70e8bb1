import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeWith } from '../../support/parts/available.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';

const folder = join(import.meta.dirname, '../../../infra/kubernetes');

describeWith('kube-apiserver', 'the manifests', () => {
  let cluster: KubeApiserver;

  beforeAll(async () => {
    cluster = await startKubeApiserver();
    await cluster.namespace('monitoring');
    await cluster.namespace('federation-0');
  });
  afterAll(() => cluster.stop());

  const apply = (args: readonly string[]) =>
    cluster.kubectl(['apply', '--server-side', '--validate=strict', '--dry-run=server', ...args]);

  test.each(['rbac', 'targets', 'cronjob', 'coverage'])(
    '%s.yaml is accepted as it is',
    async (name) => {
      const printed = await apply(['-f', join(folder, `${name}.yaml`)]);
      const { length } = parseAllDocuments(readFileSync(join(folder, `${name}.yaml`), 'utf8'));
      expect(printed.match(/\(server dry run\)/g)).toHaveLength(length);
    },
  );

  test('tree-targets.yaml is taken in any namespace', async () => {
    await apply(['--namespace', 'federation-0', '-f', join(folder, 'tree-targets.yaml')]);
  });

  test("the CronJob's pod passes the restricted pod security standard", async () => {
    const documents = parseAllDocuments(readFileSync(join(folder, 'cronjob.yaml'), 'utf8'));
    const job = documents.map((one) => one.toJS()).find(({ kind }) => kind === 'CronJob');
    const namespace = await cluster.namespace();
    await cluster.kubectl([
      ...['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted'],
    ]);
    const { metadata, spec } = job.spec.jobTemplate.spec.template;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, name: 'sync', namespace },
      spec,
    };
    expect(await cluster.apply(pod)).toContain('created');
  });

  test('the group of the access entry may get and patch the list, and nothing else', async () => {
    await cluster.kubectl([
      'apply',
      '-f',
      join(folder, 'rbac.yaml'),
      '-f',
      join(folder, 'targets.yaml'),
    ]);
    const lambda = cluster.clientCertificate('lambda', ['federation-sync']);
    const may = async (verb: string, what: string) => {
      const args = ['auth', 'can-i', verb, what, '--namespace', 'monitoring'];
      return (await cluster.kubectl(args, { user: lambda }).catch(() => 'no')).trim() === 'yes';
    };
    expect(await may('get', 'configmap/federation-targets')).toBe(true);
    expect(await may('patch', 'configmap/federation-targets')).toBe(true);
    for (const verb of ['update', 'delete', 'watch'])
      expect(await may(verb, 'configmap/federation-targets'), verb).toBe(false);
    expect(await may('get', 'configmap/prometheus-server')).toBe(false);
    expect(await may('list', 'configmaps')).toBe(false);
    expect(await may('create', 'configmaps')).toBe(false);
    expect(await may('get', 'secrets')).toBe(false);
  });
});
