import { findNodeProgram } from './found.ts';
import type { KubeApiserver } from './kube-apiserver.ts';
import { freePort, ready, start, temporaryFolder } from './process.ts';

export interface Controllers {
  output(): string;
  stop(): Promise<void>;
}

/**
 * kube-controller-manager and kube-scheduler. They do what a node needs of a control plane: service accounts,
 * EndpointSlices, Jobs and CronJobs, and a node for each pod.
 *
 * @param kube a server that was started with `nodes: true`
 */
export async function startControllers(kube: KubeApiserver): Promise<Controllers> {
  const folder = temporaryFolder('controllers');
  const config = kube.kubeconfigFile();
  const authority = kube.authority.certificateFile;
  const parts = [
    await controller(folder, 'kube-controller-manager', config, [
      ...['--service-account-private-key-file', kube.signingKeyFile, '--root-ca-file', authority],
      // A new service account gets its secrets, and a Service its endpoints, without the wait that production needs.
      ...['--concurrent-serviceaccount-token-syncs', '1', '--node-monitor-period', '1s'],
    ]),
    await controller(folder, 'kube-scheduler', config, []),
  ];
  return {
    output: () => parts.map((part) => part.output()).join(''),
    async stop() {
      for (const part of parts) await part.stop();
    },
  };
}

async function controller(
  folder: string,
  name: 'kube-controller-manager' | 'kube-scheduler',
  kubeconfigFile: string,
  flags: readonly string[],
) {
  const program = findNodeProgram(name);
  if (!program) throw new Error(`${name} is missing: run test/support/parts/prepare.sh`);
  const port = await freePort();
  const part = start(
    program,
    [
      ...['--kubeconfig', kubeconfigFile, '--leader-elect=false', '--bind-address', '127.0.0.1'],
      ...['--secure-port', String(port), '--authorization-always-allow-paths', '/healthz'],
      ...flags,
    ],
    { folder },
  );
  // Its certificate is its own, and the answer does not matter: it listens once its controllers have started.
  await ready(name, part, async () => part.output().includes(`Serving securely`), 60_000);
  return part;
}
