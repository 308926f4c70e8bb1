import { type Controllers, startControllers } from './controllers.ts';
import { type KubeApiserver, startKubeApiserver } from './kube-apiserver.ts';
import { type KubeNode, startNode } from './node.ts';

/** A whole cluster of one node: pods run, Services have endpoints, CronJobs have Jobs. */
export interface Cluster {
  readonly kube: KubeApiserver;
  readonly node: KubeNode;
  stop(): Promise<void>;
}

/** Takes some ten seconds: start one for a suite, and give each test a namespace. */
export async function startCluster(): Promise<Cluster> {
  const kube = await startKubeApiserver({ nodes: true });
  let controllers: Controllers | undefined;
  let node: KubeNode | undefined;
  const stop = async () => {
    await node?.stop();
    await controllers?.stop();
    await kube.stop();
  };
  try {
    controllers = await startControllers(kube);
    node = await startNode(kube);
    return { kube, node, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
