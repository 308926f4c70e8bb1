import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeWith } from '../../support/parts/available.ts';
import { type Cluster, startCluster } from '../../support/parts/cluster.ts';
import { nodeParts } from '../../support/parts/part-names.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { zoneOf } from '../../unit/commands/run.ts';
import { type Built, build, root } from '../bundle/build.ts';
import { addBase, replayCheckout } from '../infra/image.ts';

/** The CronJobs of infra/kubernetes with the image of its Dockerfile, on a real kubelet. */

interface Manifest {
  kind: string;
  metadata: { name: string };
  // biome-ignore lint/suspicious/noExplicitAny: a manifest of any kind
  [field: string]: any;
}

/** The schedules are every minute, and each look is a process of kubectl. */
const POLL_MS = 2_000;

const manifests = (name: string) =>
  parseAllDocuments(readFileSync(join(root, 'infra/kubernetes', name), 'utf8')).map(
    (one) => one.toJS() as Manifest,
  );

describeWith([...nodeParts, 'kubectl'], 'the CronJob', () => {
  let cluster: Cluster;
  let built: Built;
  let folder: string;

  beforeAll(async () => {
    cluster = await startCluster();
    built = await build();
    folder = temporaryFolder('cron-job-image');
    const image = replayCheckout(built.folder, folder);
    addBase(image);
    const { env, workdir, entrypoint, cmd, user } = image;
    await cluster.node.importImage({
      // The short name of cronjob.yaml, as the kubelet reads it.
      name: 'docker.io/library/federation-sync:0.1.0',
      root: image.folder,
      ...{ workdir, entrypoint, cmd, user },
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
    });
    await cluster.kube.namespace('monitoring');
  }, 180_000);
  afterAll(async () => {
    built?.remove();
    if (folder) removeFolder(folder);
    await cluster?.stop();
  });

  test('runs the sync on its schedule, to its end, with the rights of its manifest', async () => {
    const { kube } = cluster;
    for (const manifest of manifests('targets.yaml')) await kube.apply(manifest);
    for (const manifest of manifests('cronjob.yaml')) {
      if (manifest.kind === 'ConfigMap') {
        // There is no AWS in this cluster: the records come from a file next to the settings.
        manifest.data['zone.json'] = JSON.stringify(zoneOf('a.prometheus.internal.'));
        manifest.data['federation-sync.yml'] = manifest.data['federation-sync.yml'].replace(
          /zone: \S+/,
          'records: zone.json',
        );
      }
      if (manifest.kind === 'CronJob') manifest.spec.schedule = '* * * * *';
      await kube.apply(manifest);
    }
    const inNamespace = ['--namespace', 'monitoring'];
    const job = async () => {
      const path = ['get', 'jobs', '-o', 'jsonpath={.items[0].metadata.name}', ...inNamespace];
      return kube.kubectl(path);
    };
    await expect.poll(job, { timeout: 90_000, interval: POLL_MS }).toMatch(/^federation-sync-\d+$/);
    const name = `job/${await job()}`;
    const wait = ['wait', '--for=condition=Complete', name, '--timeout=60s'];
    await kube.kubectl([...wait, ...inNamespace]).catch(async (error) => {
      const told = await kube.kubectl(['describe', 'pods', ...inNamespace]);
      const logs = await kube.kubectl(['logs', name, ...inNamespace]).catch(String);
      throw new Error(`${told}\n${logs}`, { cause: error });
    });
    const logs = await kube.kubectl(['logs', name, ...inNamespace]);
    expect(logs).toContain('written: 1 added, 0 removed, 0 changed');
    const path = ['get', 'configmap', 'federation-targets', '-o', 'json', ...inNamespace];
    const { data } = JSON.parse(await kube.kubectl(path)) as { data: Record<string, string> };
    expect(data['targets.yaml']).toContain('a.prometheus.internal.');
  }, 180_000);

  test('fails its run for coverage while an expected cluster is not monitored, and names it in the log', async () => {
    const { kube } = cluster;
    const inNamespace = ['--namespace', 'monitoring'];
    for (const manifest of [...manifests('targets.yaml'), ...manifests('cronjob.yaml')]) {
      // What the sync above wrote stays.
      if (manifest.metadata.name === 'federation-targets' || manifest.kind === 'CronJob') continue;
      if (manifest.kind === 'ConfigMap') {
        manifest.data['zone.json'] = JSON.stringify(zoneOf('a.prometheus.internal.'));
        manifest.data['clusters.txt'] = 'a\nb\n';
        manifest.data['federation-sync.yml'] = manifest.data['federation-sync.yml']
          .replace(/zone: \S+/, 'records: zone.json')
          .replace(/# expect:\n.*\n/, 'expect: [{ file: clusters.txt }]\n');
      }
      await kube.apply(manifest);
    }
    const [cronJob] = manifests('coverage.yaml');
    cronJob!.spec.schedule = '* * * * *';
    await kube.apply(cronJob!);
    const status = async (path: string) =>
      kube.kubectl([
        'get',
        'pods',
        '-l',
        'app.kubernetes.io/name=federation-coverage',
        '-o',
        `jsonpath={.items[0].status.${path}}`,
        ...inNamespace,
      ]);
    await expect
      .poll(() => status('phase').catch(String), { timeout: 120_000, interval: POLL_MS })
      .toBe('Failed');
    expect(await status('containerStatuses[0].state.terminated.exitCode')).toBe('2');
    // The command of coverage.yaml's first lines.
    const logs = await kube.kubectl([
      '-n',
      'monitoring',
      'logs',
      '-l',
      'app.kubernetes.io/name=federation-coverage',
      '--tail=-1',
    ]);
    expect(logs).toContain('b.prometheus.internal');
    const success = [
      'get',
      'cronjob',
      'federation-coverage',
      '-o',
      'jsonpath={.status.lastSuccessfulTime}',
    ];
    expect(await kube.kubectl([...success, ...inNamespace])).toBe('');
  }, 180_000);
});
