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

/** The CronJob of infra/kubernetes with the image of its Dockerfile, on a real kubelet. */

interface Manifest {
  kind: string;
  metadata: { name: string };
  // biome-ignore lint/suspicious/noExplicitAny: a manifest of any kind
  [field: string]: any;
}

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
    // The schedule is every minute.
    await expect.poll(job, { timeout: 90_000, interval: 500 }).toMatch(/^federation-sync-\d+$/);
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
});
