import { gunzipSync } from 'node:zlib';
import { findOperator } from './found.ts';
import type { KubeApiserver } from './kube-apiserver.ts';
import { freePort, ready, start, temporaryFolder } from './process.ts';

export interface Operator {
  /** The prometheus.yml that it generates for a Prometheus object; undefined: none yet. */
  generated(namespace: string, name: string): Promise<string | undefined>;
  output(): string;
  stop(): Promise<void>;
}

/** The real Prometheus Operator. It needs no node: what it generates is a Secret and a StatefulSet. */
export async function startOperator(kube: KubeApiserver): Promise<Operator> {
  const program = findOperator();
  if (!program)
    throw new Error('prometheus-operator is missing: run test/support/parts/prepare.sh');
  const folder = temporaryFolder('prometheus-operator');
  const port = await freePort();
  const flags = ['--web.listen-address', `127.0.0.1:${port}`, '--kubelet-endpoints=false'];
  const part = start(program, flags, { folder, env: { KUBECONFIG: kube.kubeconfigFile() } });
  const healthy = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  await ready('prometheus-operator', part, healthy, 60_000);
  return {
    async generated(namespace, name) {
      const path = ['get', 'secret', `prometheus-${name}`, '-n', namespace, '-o', 'json'];
      const secret = await kube.kubectl(path).catch(() => undefined);
      const data = secret && JSON.parse(secret).data?.['prometheus.yaml.gz'];
      if (!data) return undefined;
      // What the config-reloader in the pod replaces.
      const text = gunzipSync(Buffer.from(data, 'base64')).toString();
      return text.replaceAll('$(SHARD)', '0').replaceAll('$(POD_NAME)', `prometheus-${name}-0`);
    },
    output: () => part.output(),
    stop: () => part.stop(),
  };
}
