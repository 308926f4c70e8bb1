import { startMoto } from '../../support/parts/moto.ts';
import type { Requirement } from '../../support/parts/part-names.ts';
import { type CentralCluster, namespace, startCentralCluster } from './central-cluster.ts';
import {
  articleList,
  type FederationServer,
  federationConfig,
  startFederationServer,
} from './federation-server.ts';
import { type DeployedFunction, startFunction } from './function.ts';
import { type Leaf, startLeaf } from './leaf.ts';
import { startZone, type Zone } from './zone.ts';

/** What must be on the machine. */
export const storyParts = [
  'kube-apiserver',
  'kubectl',
  'moto',
  'named',
  'lambda-runtime',
  'prometheus-2',
  'prometheus-3',
  'private-dns',
] as const satisfies Requirement[];

/** The objects that a sync writes, each of one key. */
export const objects = {
  prometheus: { namespace, name: 'prometheus-server', key: 'prometheus.yml' },
  targets: { namespace, name: 'federation-targets', key: 'targets.json' },
} as const;

/** Everything that the story needs, running: nothing of it was written here, except for the function. */
export interface World {
  /** Three clusters; the first two are registered, and scraped from the start. */
  readonly leaves: readonly [Leaf, Leaf, Leaf];
  readonly zone: Zone;
  readonly cluster: CentralCluster;
  readonly function: DeployedFunction;
  /** Of both versions, with both kinds of sidecar. They mount the same objects. */
  readonly servers: readonly FederationServer[];
  /** The kubelet sees what has changed, and the sidecars are notified. */
  deliver(): Promise<void>;
  /** The whole prometheus.yml whose list says these clusters. */
  configOf(leaves: readonly Leaf[]): string;
  stop(): Promise<void>;
}

/** @param keep the setting of both jobs */
export async function startWorld(keep = '0s'): Promise<World> {
  const starting: Promise<{ stop(): Promise<void> }>[] = [];
  const started = <T extends { stop(): Promise<void> }>(part: Promise<T>): Promise<T> => {
    starting.push(part);
    return part;
  };
  const stop = async () => {
    // What comes later leans on what came first. One that never started needs no end.
    for (const part of await Promise.allSettled(starting.reverse())) {
      if (part.status === 'fulfilled') await part.value.stop();
    }
  };
  try {
    return { ...(await start(started, keep)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Started = <T extends { stop(): Promise<void> }>(part: Promise<T>) => Promise<T>;

async function start(started: Started, keep: string): Promise<Omit<World, 'stop'>> {
  const names = Object.values(objects).map(({ name }) => name);
  const [cluster, moto, ...leaves] = await Promise.all([
    started(startCentralCluster('central', names)),
    started(startMoto()),
    started(startLeaf(1, '2')),
    started(startLeaf(2, '3')),
    started(startLeaf(3, '3')),
  ]);
  const zone = await started(startZone('example.com', moto));
  const [first, second] = leaves;
  await zone.register(first);
  await zone.register(second);

  const targets = await cluster.mount(objects.targets, '[]\n');
  const targetsFile = targets.volume.path(objects.targets.key);
  const configOf = (list: readonly Leaf[]) => federationConfig(articleList(list), targetsFile);
  const prometheus = await cluster.mount(objects.prometheus, configOf([first, second]));
  const startServer = (major: '2' | '3', reload: '/-/reload' | 'SIGHUP') =>
    started(startFederationServer(major, reload, prometheus.volume, zone.resolver));
  const [deployed, ...servers] = await Promise.all([
    started(startFunction(settings(cluster, zone, keep), { ...moto.env, ...cluster.credentials })),
    startServer('2', '/-/reload'),
    startServer('2', 'SIGHUP'),
    startServer('3', '/-/reload'),
    startServer('3', 'SIGHUP'),
  ]);
  return {
    leaves,
    zone,
    cluster,
    servers,
    function: deployed,
    configOf,
    async deliver() {
      await Promise.all([prometheus.look(), targets.look()]);
      await Promise.all(servers.map((server) => server.reloaded()));
    },
  };
}

/** Moto makes up the endpoint of its EKS clusters, so this one is given; YAML takes JSON. */
function settings({ name, kube }: CentralCluster, { id }: Zone, keep: string): string {
  const authority = Buffer.from(kube.certificateAuthority).toString('base64');
  const endpoint = { endpoint: kube.url, certificateAuthority: authority };
  const clusterID = 'cluster{number}';
  const job = {
    job: 'federate',
    from: [{ zone: id }],
    select: { name: '^prometheus(?<number>[0-9]+)\\.example\\.com$' },
    labels: { clusterID },
    keep,
    to: { configMap: objects.prometheus },
  };
  const byFile = {
    ...job,
    job: 'federate-by-file',
    labels: { clusterID, via: 'file_sd' },
    to: { configMap: objects.targets, format: 'file_sd' },
  };
  return JSON.stringify({
    cluster: { eks: { name, region: 'eu-west-1', ...endpoint } },
    jobs: [job, byFile],
  });
}
