import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackFunction } from '../../support/packaged.ts';
import { startControllers } from '../../support/parts/controllers.ts';
import { startEksTokenWebhook } from '../../support/parts/eks-token-webhook.ts';
import { startForwarder } from '../../support/parts/forwarder.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { type Lambda, startLambda } from '../../support/parts/lambda-runtime.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { startNode } from '../../support/parts/node.ts';
import { nodeParts } from '../../support/parts/part-names.ts';
import { temporaryFolder } from '../../support/parts/process.ts';
import {
  importPrometheus,
  type PrometheusPod,
  startPrometheusPod,
} from '../../support/parts/prometheus-pod.ts';
import { asText, merge, prometheusConfig, valuesOf } from '../../system/infra/chart.ts';
import { startZone, type Zone } from '../../system/story/zone.ts';

/** What must be on the machine. */
export const stageParts = [
  ...nodeParts,
  ...(['kubectl', 'moto', 'named', 'private-dns', 'lambda-runtime', 'prometheus-3'] as const),
];

export const NAMESPACE = 'monitoring';
export const TARGETS = { name: 'federation-targets', key: 'targets.yaml' };

/** A central cluster of one real node, on which the federation server is a pod, and the packaged function. */
export interface Stage {
  readonly kube: KubeApiserver;
  readonly zone: Zone;
  readonly lambda: Lambda;
  readonly server: PrometheusPod;
  /**
   * Makes a port of this machine's 127.0.0.1 reachable from pods, at an address of its own: `keep` and the guard count
   * hosts, as clusters have them.
   */
  expose(port: number): Promise<string>;
  stop(): Promise<void>;
}

/** @param expected the clusters that exist, for `expect` */
export async function startStage(expected: readonly string[]): Promise<Stage> {
  const stops: (() => Promise<unknown>)[] = [];
  const kept = async <T extends { stop(): Promise<unknown> }>(part: Promise<T>): Promise<T> => {
    const started = await part;
    stops.unshift(() => started.stop());
    return started;
  };
  const stop = async () => {
    for (const one of stops) await one();
  };
  try {
    const moto = await kept(startMoto());
    const zone = await kept(startZone('prometheus.internal', moto));
    const secretAccessKey = randomBytes(16).toString('hex');
    const identity = { username: 'federation-sync', groups: ['federation-sync'] };
    const webhook = await kept(
      startEksTokenWebhook({
        clusterName: 'central',
        credentials: { AKIAPICTURES: { secretAccessKey, ...identity } },
      }),
    );
    const kube = await kept(startKubeApiserver({ nodes: true, tokenWebhook: webhook }));
    await kept(startControllers(kube));
    const node = await kept(startNode(kube));
    await importPrometheus(node);
    const server = await startServer(kube);
    const folder = temporaryFolder('pictures');
    writeFileSync(join(folder, 'clusters.txt'), `${expected.join('\n')}\n`);
    unpackFunction(folder, settings(kube, zone));
    await kube.apply(policy(folder));
    const lambda = await kept(
      startLambda({ folder, handler: 'index.handler', env: environment(moto, secretAccessKey) }),
    );
    let exposed = 0;
    const expose = async (port: number) => {
      exposed += 1;
      const address = `198.18.255.${exposed}`;
      // It disappears with the link of the node.
      execFileSync('ip', ['address', 'add', `${address}/32`, 'dev', node.traces.link]);
      await kept(startForwarder(address, port, port));
      return address;
    };
    return { kube, zone, lambda, server, expose, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The values of infra/helm, but scraping every 5 seconds: a pod behind a Service. */
async function startServer(kube: KubeApiserver): Promise<PrometheusPod> {
  const often = { scrape_interval: '5s', scrape_timeout: '5s', evaluation_interval: '5s' };
  const config = prometheusConfig(
    merge(valuesOf('federation-file-sd'), { server: { global: often } }),
  );
  config.rule_files = [];
  const text = asText(config).replaceAll('/etc/federation-targets', '/etc/targets');
  await kube.namespace(NAMESPACE);
  for (const [name, data] of [
    ['prometheus-server', { 'prometheus.yml': text }],
    [TARGETS.name, { [TARGETS.key]: '[]\n' }],
  ] as const) {
    const metadata = { namespace: NAMESPACE, name };
    await kube.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  }
  await kube.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: NAMESPACE, name: 'prometheus-server' },
    spec: {
      selector: { 'app.kubernetes.io/name': 'prometheus' },
      ports: [{ port: 80, targetPort: 9090 }],
    },
  });
  return startPrometheusPod(kube, {
    namespace: NAMESPACE,
    config: 'prometheus-server',
    targets: TARGETS.name,
  });
}

/** A record's name has its cluster's address and port, so that a target needs no DNS in the pod. */
const settings = (kube: KubeApiserver, { id }: Zone) => `
cluster:
  eks:
    name: central
    region: eu-west-1
    endpoint: ${kube.url}
    certificateAuthority: ${Buffer.from(kube.certificateAuthority).toString('base64')}
jobs:
  - job: federate
    from: [{ zone: ${id}, allowAddresses: true }]
    select: { name: '^(?<clusterID>cluster[0-9]+)-(?<last>[0-9]+)-(?<port>[0-9]+)\\.prometheus\\.internal$' }
    target: '198.18.255.{last}:{port}'
    labels: { clusterID: '{clusterID}' }
    expect: [{ file: clusters.txt }]
    keep: 20s
    to:
      configMap: { namespace: ${NAMESPACE}, name: ${TARGETS.name}, key: ${TARGETS.key} }
      format: file_sd
      nudge: { pods: app.kubernetes.io/name=prometheus }
      prometheus: { service: { namespace: ${NAMESPACE}, name: prometheus-server, port: 80 } }
      wait: 15s
`;

/** The rights that we tell people to grant. */
function policy(folder: string): string {
  const cli = join(import.meta.dirname, '../../../dist/cli.mjs');
  return execFileSync(process.execPath, [cli, 'policy', 'kubernetes'], {
    cwd: folder,
    encoding: 'utf8',
  });
}

const environment = ({ env }: Moto, secretAccessKey: string) => ({
  ...env,
  AWS_ACCESS_KEY_ID: 'AKIAPICTURES',
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});
