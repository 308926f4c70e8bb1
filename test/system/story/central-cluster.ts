import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EksTokenWebhook,
  startEksTokenWebhook,
} from '../../support/parts/eks-token-webhook.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { createKubeletVolume, type KubeletVolume } from '../../support/parts/kubelet-volume.ts';

export const namespace = 'monitoring';

/** A ConfigMap, and the one key of it that matters. */
export interface Key {
  readonly name: string;
  readonly key: string;
}

/** A mounted ConfigMap. */
export interface Mounted {
  readonly volume: KubeletVolume;
  /** What the kubelet does every minute or two: brings the volume up to the object. */
  look(): Promise<void>;
}

/** The cluster in which the federation server runs: EKS as seen from a Lambda. */
export interface CentralCluster {
  readonly name: string;
  readonly kube: KubeApiserver;
  readonly webhook: EksTokenWebhook;
  /** Environment of the role that the access entry is for. */
  readonly credentials: Record<string, string>;
  /** Creates a ConfigMap of one key, and mounts it. */
  mount(object: Key, text: string): Promise<Mounted>;
  /** That key's text, as kubectl reads it. */
  read(object: Key): Promise<string>;
  stop(): Promise<void>;
}

const group = 'federation-sync';
const rbac = join(import.meta.dirname, '../../../infra/kubernetes/rbac.yaml');

/** The rights that we tell people to grant, for these objects. */
function rights(objects: readonly string[]): string {
  const names = `resourceNames: [${objects.join(', ')}]`;
  return readFileSync(rbac, 'utf8').replace(/resourceNames: \[.*\]/, names);
}

export async function startCentralCluster(
  name: string,
  objects: readonly string[],
): Promise<CentralCluster> {
  const secret = () => randomBytes(16).toString('hex');
  const [accessKeyId, secretAccessKey, sessionToken] = ['ASIASTORY', secret(), secret()] as const;
  const user = {
    username: 'arn:aws:sts::123456789012:assumed-role/federation-sync',
    groups: [group],
  };
  const webhook = await startEksTokenWebhook({
    clusterName: name,
    credentials: { [accessKeyId]: { secretAccessKey, sessionToken, ...user } },
  });
  const kube = await startKubeApiserver({ tokenWebhook: webhook }).catch(async (error) => {
    await webhook.stop();
    throw error;
  });
  await kube.namespace(namespace);
  await kube.apply(rights(objects));
  const volumes: KubeletVolume[] = [];

  const data = async (object: string) => {
    const text = await kube.kubectl(['get', 'configmap', object, '-n', namespace, '-o', 'json']);
    return (JSON.parse(text) as { data: Record<string, string> }).data;
  };
  return {
    name,
    kube,
    webhook,
    credentials: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
    async mount({ name, key }, text) {
      const metadata = { name, namespace };
      await kube.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [key]: text } });
      const volume = createKubeletVolume({ [key]: text });
      volumes.push(volume);
      return { volume, look: async () => volume.update(await data(name)) };
    },
    read: async ({ name, key }) => (await data(name))[key] ?? '',
    async stop() {
      for (const volume of volumes) volume.remove();
      await kube.stop();
      await webhook.stop();
    },
  };
}
