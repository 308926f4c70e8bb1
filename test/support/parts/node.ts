import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Forwarder, startForwarder } from './forwarder.ts';
import { findContainerProgram, findNodeProgram } from './found.ts';
import type { KubeApiserver } from './kube-apiserver.ts';
import { type NodeNetwork, pauseImage, writeNodeFiles } from './node-files.ts';
import { type OciImage, writeOciImage } from './oci-image.ts';
import { ready, removeFolder, start, temporaryFolder, until } from './process.ts';

const run = promisify(execFile);

/**
 * A node of a Kubernetes cluster on this machine: a kubelet with containerd and runc, in namespaces of their own.
 * Pods have their own addresses, which this machine reaches; they reach the API server and this machine's `host`.
 */
export interface KubeNode {
  readonly name: string;
  /** The process whose end removes everything (node.sh). */
  readonly pid: number;
  /** The address of this machine, as the node and its pods see it: for servers of the test. */
  readonly host: string;
  /** Makes a port of 127.0.0.1 available to pods, on `host`. */
  expose(port: number): Promise<void>;
  /** Makes an image available to pods. There is no registry: a pod's pull policy must not be Always. */
  importImage(image: OciImage): Promise<void>;
  /** What is on this machine while the node runs: the network interface, and the name of its cgroups. */
  readonly traces: { readonly link: string; readonly cgroup: string; readonly folder: string };
  output(): string;
  stop(): Promise<void>;
}

/** Starts a node, and waits until it is Ready. @param kube a server that was started with `nodes: true` */
export async function startNode(kube: KubeApiserver): Promise<KubeNode> {
  const programs = nodePrograms();
  const id = randomBytes(4).toString('hex');
  const name = `federation-sync-${id}`;
  const link = `fs-${id}`;
  const folder = temporaryFolder('node');
  const network = freeNetwork();
  writeNodeFiles(
    folder,
    name,
    network,
    { runc: programs.runc, cni: dirname(programs.bridge) },
    kube.authority.certificateFile,
  );
  const user = kube.clientCertificate(`system:node:${name}`, ['system:nodes']);
  const server = `https://${kube.serviceAddress}:443`;
  writeFileSync(join(folder, 'kubeconfig'), kube.kubeconfig(user, undefined, server), {
    mode: 0o600,
  });
  const variables = {
    ...{ name, link, host: network.host, node: network.node, service: kube.serviceAddress },
    ...{ pods: network.pods, containers: dirname(programs.containerd), kubelet: programs.kubelet },
  };
  writeFileSync(
    join(folder, 'node.env'),
    Object.entries(variables)
      .map(([variable, value]) => `${variable}='${value}'\n`)
      .join(''),
  );

  const part = start('sh', [join(import.meta.dirname, 'node.sh'), folder], {
    folder,
    cleanUp: removeCgroups(name),
  });
  // Also where something else kills the node.
  const removed = part.ended.then(() => run('sh', ['-c', removeCgroups(name)]));
  const forwarders: Forwarder[] = [];
  const stop = async () => {
    part.signal('SIGKILL');
    await removed;
    for (const forwarder of forwarders.splice(0)) await forwarder.stop();
    await part.stop();
  };
  const importImage = async (image: OciImage) => {
    const images = temporaryFolder('oci-image');
    try {
      const file = await writeOciImage(image, images);
      const address = ['--address', join(folder, 'containerd.sock'), '--namespace', 'k8s.io'];
      await run(programs.ctr, [...address, 'images', 'import', file]);
    } finally {
      removeFolder(images);
    }
  };
  const isReady = async () => {
    const path = '{.status.conditions[?(@.type=="Ready")].status}';
    return (await kube.kubectl(['get', 'node', name, '-o', `jsonpath=${path}`])) === 'True';
  };

  try {
    // The address appears on this machine once node.sh has made the link.
    const forwarder = await until(
      'the link of the node',
      () => startForwarder(kube.serviceAddress, 443, kube.port),
      { process: part },
    );
    forwarders.push(forwarder);
    await ready('the node', part, isReady, 60_000);
    await importImage(pause(programs.pause, folder));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name,
    pid: part.pid,
    host: network.host,
    expose: async (port) => void forwarders.push(await startForwarder(network.host, port, port)),
    importImage,
    traces: { link, cgroup: name, folder },
    output: () => part.output(),
    stop,
  };
}

function nodePrograms() {
  const found = {
    kubelet: findNodeProgram('kubelet'),
    pause: findNodeProgram('pause'),
    containerd: findContainerProgram('containerd'),
    runc: findContainerProgram('runc'),
    ctr: findContainerProgram('ctr'),
    bridge: findContainerProgram('cni/bridge'),
  };
  const missing = Object.entries(found).find(([, path]) => !path);
  if (missing) throw new Error(`${missing[0]} is missing: run test/support/parts/prepare.sh`);
  return found as Record<keyof typeof found, string>;
}

/** A network that no interface of this machine has. 198.18.0.0/15 is reserved for tests of networks (RFC 2544). */
function freeNetwork(): NodeNetwork {
  const used = Object.values(networkInterfaces()).flatMap((all) =>
    all?.map(({ address }) => address),
  );
  for (let attempt = 0; attempt < 50; attempt++) {
    const network = `198.18.${randomInt(256)}`;
    if (used.some((address) => address?.startsWith(`${network}.`))) continue;
    return { host: `${network}.1`, node: `${network}.2`, pods: `${network}.128/25` };
  }
  throw new Error('no free network in 198.18.0.0/16');
}

/** A cgroup can be removed once its processes have ended, which takes a moment after the kill. */
const removeCgroups = (name: string) => `
for attempt in $(seq 100); do
  find /sys/fs/cgroup -depth -type d -path '*/${name}*' -exec rmdir {} + 2>/dev/null
  [ -n "$(find /sys/fs/cgroup -maxdepth 2 -name '${name}')" ] || exit 0
  sleep 0.1
done
exit 1`;

function pause(program: string, folder: string): OciImage {
  const root = join(folder, 'pause');
  mkdirSync(root);
  copyFileSync(program, join(root, 'pause'));
  chmodSync(join(root, 'pause'), 0o755);
  return { name: pauseImage, root, entrypoint: ['/pause'] };
}
