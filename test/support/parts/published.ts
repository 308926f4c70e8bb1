import { networkInterfaces } from 'node:os';
import type { KubeApiserver } from './kube-apiserver.ts';

/** An address of this machine that is not loopback: the API server forwards to no other. */
export function outerAddress(): string {
  const all = Object.values(networkInterfaces()).flat();
  const outer = all.find((it) => it && !it.internal && it.family === 'IPv4');
  if (!outer) throw new Error('this machine has no address other than loopback');
  return outer.address;
}

/**
 * Puts a service in front of a server that listens on `outerAddress()`, as a node and its controllers would: a pod that
 * runs there, and its endpoint slice. Labels are those of the pod.
 */
export async function publish(
  kube: KubeApiserver,
  service: { readonly namespace: string; readonly name: string; readonly port: number },
  target: {
    readonly port: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly volumes?: object[];
    readonly mounts?: object[];
  },
): Promise<void> {
  const { namespace, name, port } = service;
  const ip = outerAddress();
  const pod = `${name}-0`;
  const items = [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: pod, labels: target.labels ?? {} },
      spec: {
        automountServiceAccountToken: false,
        containers: [{ name: 'server', image: 'prometheus', volumeMounts: target.mounts ?? [] }],
        volumes: target.volumes ?? [],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name },
      spec: { ports: [{ port, targetPort: target.port }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace, name: pod, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: '', port: target.port, protocol: 'TCP' }],
      endpoints: [
        {
          addresses: [ip],
          conditions: { ready: true },
          targetRef: { kind: 'Pod', namespace, name: pod },
        },
      ],
    },
  ];
  await kube.apply({ apiVersion: 'v1', kind: 'List', items });
  const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }] };
  await kube.kubectl([
    ...['patch', 'pod', pod, '-n', namespace, '--subresource', 'status', '--type', 'merge'],
    ...['-p', JSON.stringify({ status })],
  ]);
}
