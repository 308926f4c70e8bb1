import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface NodeNetwork {
  /** The address of this machine, as the node and its pods see it. */
  readonly host: string;
  readonly node: string;
  readonly pods: string;
}

export const pauseImage = 'docker.io/local/pause:1';

/** The configuration of containerd, CNI and the kubelet, in the node's folder. node.sh names the same files. */
export function writeNodeFiles(
  folder: string,
  name: string,
  network: NodeNetwork,
  programs: { readonly runc: string; readonly cni: string },
  authority: string,
): void {
  const at = (file: string) => join(folder, file);
  const json = (file: string, content: object) =>
    writeFileSync(at(file), JSON.stringify(content, undefined, 2));
  for (const one of ['cni', 'manifests', 'plugins', 'pki']) mkdirSync(at(one));
  writeFileSync(at('containerd.toml'), containerdConfig(at, programs));
  json('cni/pods.conflist', {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'pods0',
        isGateway: true,
        ipam: {
          type: 'host-local',
          dataDir: at('addresses'),
          ranges: [[{ subnet: network.pods }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  });
  // Pods get the file as theirs. The node has no DNS server.
  writeFileSync(at('resolv.conf'), '');
  json('kubelet.json', {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${at('containerd.sock')}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authority },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${name}`,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    // No rules of iptables, which may not be installed.
    makeIPTablesUtilChains: false,
    // A machine of developers may be rather full.
    evictionHard: {
      'memory.available': '50Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
    },
    oomScoreAdj: 0,
    podLogsDir: at('pod-logs'),
    staticPodPath: at('manifests'),
    volumePluginDir: at('plugins'),
    resolvConf: at('resolv.conf'),
    // What decides when a pod sees a changed ConfigMap (syncFrequency, configMapAndSecretChangeDetectionStrategy) is
    // the default, on purpose.
  });
}

function containerdConfig(
  at: (file: string) => string,
  { runc, cni }: { readonly runc: string; readonly cni: string },
): string {
  const text = JSON.stringify;
  const plugins = ['aufs', 'btrfs', 'devmapper', 'zfs'].map(
    (it) => `io.containerd.snapshotter.v1.${it}`,
  );
  return `version = 2
root = ${text(at('containerd'))}
state = ${text(at('containerd-state'))}
disabled_plugins = ${text(plugins)}
[grpc]
  address = ${text(at('containerd.sock'))}
[plugins."io.containerd.internal.v1.opt"]
  path = ${text(at('containerd-opt'))}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(pauseImage)}
  disable_apparmor = true
  # Root without CAP_SYS_RESOURCE, as in many virtual machines for tests, cannot lower it.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(cni)}
    conf_dir = ${text(at('cni'))}
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = ${text(runc)}
`;
}
