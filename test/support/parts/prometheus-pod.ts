import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findPrometheus } from './found.ts';
import type { KubeApiserver } from './kube-apiserver.ts';
import type { KubeNode } from './node.ts';
import { removeFolder, temporaryFolder } from './process.ts';
import { type PrometheusApi, prometheusApi } from './prometheus.ts';

export interface PrometheusPodOptions {
  readonly namespace: string;
  /** Default: prometheus-server. A container's name is prometheus-server, as in the chart. */
  readonly name?: string;
  /** Default: app.kubernetes.io/name=prometheus. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The ConfigMap with the key prometheus.yml; it is mounted as /etc/config. */
  readonly config: string;
  /** Mounts that one key instead of the volume. Such a file never changes. */
  readonly subPath?: boolean;
  /** Another ConfigMap, mounted as /etc/targets, for file_sd. */
  readonly targets?: string;
  /** More flags, such as --config.auto-reload. /-/reload is enabled. */
  readonly flags?: readonly string[];
}

export interface PrometheusPod extends PrometheusApi {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  /** Deletes the pod, without a grace period. */
  delete(): Promise<void>;
}

const IMAGE = 'docker.io/local/prometheus:3';
const PORT = 9090;

/** Makes the part's own Prometheus 3 available as an image, for startPrometheusPod. */
export async function importPrometheus(node: KubeNode): Promise<void> {
  const program = findPrometheus('3')?.prometheus;
  if (!program) throw new Error('Prometheus 3 is missing: run test/support/parts/prepare.sh');
  const root = temporaryFolder('prometheus-image');
  try {
    mkdirSync(join(root, 'bin'));
    copyFileSync(program, join(root, 'bin/prometheus'));
    chmodSync(join(root, 'bin/prometheus'), 0o755);
    await node.importImage({ name: IMAGE, root, entrypoint: ['/bin/prometheus'] });
  } finally {
    removeFolder(root);
  }
}

/** Runs Prometheus in a pod like the chart's, and waits until it is Ready. Its ConfigMaps must exist. */
export async function startPrometheusPod(
  kube: KubeApiserver,
  options: PrometheusPodOptions,
): Promise<PrometheusPod> {
  const { namespace, name = 'prometheus-server' } = options;
  const inNamespace = ['--namespace', namespace];
  await kube.apply(podManifest(name, options));
  const wait = ['wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s'];
  try {
    await kube.kubectl([...wait, ...inNamespace]);
  } catch (error) {
    throw new Error(await kube.kubectl(['describe', `pod/${name}`, ...inNamespace]), {
      cause: error,
    });
  }
  const address = await kube.kubectl([
    ...['get', 'pod', name, '-o', 'jsonpath={.status.podIP}'],
    ...inNamespace,
  ]);
  return {
    ...prometheusApi(`http://${address}:${PORT}`),
    namespace,
    name,
    address,
    async delete() {
      await kube.kubectl(['delete', 'pod', name, ...inNamespace, '--grace-period=0', '--force']);
    },
  };
}

function podManifest(name: string, options: PrometheusPodOptions): object {
  const { namespace, config, subPath, targets, flags = [] } = options;
  const labels = options.labels ?? { 'app.kubernetes.io/name': 'prometheus' };
  const configMount = subPath
    ? { name: 'config', mountPath: '/etc/config/prometheus.yml', subPath: 'prometheus.yml' }
    : { name: 'config', mountPath: '/etc/config' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'prometheus-server',
          image: IMAGE,
          args: [
            ...['--config.file=/etc/config/prometheus.yml', '--storage.tsdb.path=/data'],
            ...[`--web.listen-address=:${PORT}`, '--web.enable-lifecycle', ...flags],
          ],
          ports: [{ containerPort: PORT }],
          readinessProbe: { httpGet: { path: '/-/ready', port: PORT }, periodSeconds: 1 },
          volumeMounts: [
            configMount,
            { name: 'data', mountPath: '/data' },
            ...(targets ? [{ name: 'targets', mountPath: '/etc/targets' }] : []),
          ],
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: config } },
        { name: 'data', emptyDir: {} },
        ...(targets ? [{ name: 'targets', configMap: { name: targets } }] : []),
      ],
    },
  };
}
