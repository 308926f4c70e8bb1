import {
  findAws,
  findCfnLint,
  findContainerProgram,
  findEtcd,
  findHelm,
  findKubeApiserver,
  findKubectl,
  findLambdaRuntime,
  findMoto,
  findNamed,
  findNodeProgram,
  findOpenssl,
  findOperator,
  findPrometheus,
  findZizmor,
} from './found.ts';
import { canUnshare, canWriteCgroups, hasNetworkTools, isRoot } from './node-rights.ts';
import { canChooseResolver } from './private-dns.ts';

/** The programs of each part. A part is there when all of them are. */
const programs = {
  'kube-apiserver': {
    etcd: findEtcd,
    'kube-apiserver': findKubeApiserver,
    kubectl: findKubectl,
    openssl: findOpenssl,
  },
  kubectl: { kubectl: findKubectl },
  node: {
    kubelet: () => findNodeProgram('kubelet'),
    'kube-controller-manager': () => findNodeProgram('kube-controller-manager'),
    'kube-scheduler': () => findNodeProgram('kube-scheduler'),
    pause: () => findNodeProgram('pause'),
    containerd: () => findContainerProgram('containerd'),
    runc: () => findContainerProgram('runc'),
  },
  moto: { moto_server: findMoto },
  aws: { aws: findAws },
  'cfn-lint': { 'cfn-lint': findCfnLint },
  zizmor: { zizmor: findZizmor },
  'prometheus-2': { 'prometheus and promtool 2': () => findPrometheus('2') },
  'prometheus-3': { 'prometheus and promtool 3': () => findPrometheus('3') },
  'prometheus-operator': { 'prometheus-operator': findOperator },
  helm: { 'helm 3': () => findHelm('3'), 'helm 4': () => findHelm('4') },
  named: { named: findNamed },
  'lambda-runtime': { 'aws-lambda-ric': findLambdaRuntime },
} satisfies Record<string, Record<string, () => unknown>>;

/**
 * What some suites need of the machine, in addition to programs. Nothing runs on these, so the closing table leaves
 * them out.
 */
const rights = {
  'private-dns': { 'the right to mount and to listen on port 53 (Linux, root)': canChooseResolver },
  'own-node': {
    'root of a Linux machine': isRoot,
    'the right to create mount, PID and network namespaces (unshare)': canUnshare,
    'write access to /sys/fs/cgroup': canWriteCgroups,
    'ip (iproute2) and nsenter (util-linux)': hasNetworkTools,
  },
} satisfies Record<string, Record<string, () => unknown>>;

/** What a suite with a real node needs, apart from what its pods run. */
export const nodeParts = ['kube-apiserver', 'node', 'own-node'] as const;

export type PartName = keyof typeof programs;
export type Requirement = PartName | keyof typeof rights;

export const partNames = Object.keys(programs) as PartName[];

/** Why a suite that needs these cannot run on this machine, or undefined if it can. */
export function reasonToSkip(wanted: readonly Requirement[]): string | undefined {
  const missing = (all: Record<string, Record<string, () => unknown>>) => {
    const names = wanted
      .flatMap((one) => Object.entries(all[one] ?? {}))
      .filter(([, find]) => !find())
      .map(([name]) => name);
    return [...new Set(names)].join(', ');
  };
  const reasons = [
    [missing(programs), ' missing: test/support/parts/prepare.sh provides the real parts'],
    [missing(rights), ' missing on this machine'],
  ] as const;
  return (
    reasons
      .filter(([names]) => names !== '')
      .map(([names, why]) => `${names}${why}`)
      .join('; ') || undefined
  );
}
