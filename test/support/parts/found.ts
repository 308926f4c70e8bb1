import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Where the real parts' programs are. prepare.sh puts them into a folder outside the checkout, keyed
 * by the versions that this folder's files pin; both read the same files and look in the same order.
 */

const pin = (file: string, pattern: RegExp): string[] =>
  readFileSync(join(import.meta.dirname, file), 'utf8')
    .match(pattern)
    ?.slice(1) ?? [];

const cache =
  process.env.FEDERATION_SYNC_PARTS ??
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'route53-federation-sync', 'parts');

function prometheusVersion(): string {
  // Prometheus 3.16.0 is v0.316.0 to Go.
  const [minor, patch] = pin('prometheus/go.mod', /prometheus\/prometheus v0\.3(\d+)\.(\d+)$/m);
  return `3.${Number(minor)}.${patch}`;
}

const [kubernetesVersion] = pin('kube-apiserver/go.mod', /^require k8s\.io\/kubernetes v(\S+)$/m);

const folder = {
  kubernetes: `kubernetes-${kubernetesVersion}/bin`,
  node: `kubernetes-node-${kubernetesVersion}/bin`,
  containers: 'debian-containers/bin',
  prometheus: `prometheus-${prometheusVersion()}/bin`,
  operator: `prometheus-operator-${pin('prometheus-operator/go.mod', /^require github\.com\/prometheus-operator\/prometheus-operator v(\S+)$/m)}/bin`,
  helm3: `helm-${pin('helm/go.mod', /^require helm\.sh\/helm\/v3 v(\S+)$/m)}/bin`,
  helm4: `helm-${pin('helm/go.mod', /^require helm\.sh\/helm\/v4 v(\S+)$/m)}/bin`,
  debian: 'debian/bin',
  python: `python-moto-${pin('requirements.txt', /^moto==([\d.]+)/m)}/bin`,
  zizmor: `python-zizmor-${pin('zizmor/requirements.txt', /^zizmor==([\d.]+)/m)}/bin`,
  runtime: `aws-lambda-ric-${pin('lambda-runtime/package.json', /"aws-lambda-ric": "([\d.]+)"/)}/node_modules/.bin`,
};

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const cached = (kind: keyof typeof folder, name: string) => join(cache, folder[kind], name);

const first = (...candidates: (string | undefined)[]) =>
  candidates.find((path) => path !== undefined && runnable(path));

/** The program on PATH, where /usr/sbin counts too: a person's PATH often leaves servers out. */
const onPath = (name: string) =>
  `${process.env.PATH}${delimiter}/usr/sbin`
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find(runnable);

function asset(name: string): string | undefined {
  const assets = process.env.KUBEBUILDER_ASSETS;
  return assets ? join(assets, name) : undefined;
}

export const findOpenssl = () => onPath('openssl');
export const findEtcd = () => first(asset('etcd'), cached('debian', 'etcd'), onPath('etcd'));
export const findKubeApiserver = () =>
  first(asset('kube-apiserver'), cached('kubernetes', 'kube-apiserver'), onPath('kube-apiserver'));
export const findKubectl = () =>
  first(asset('kubectl'), cached('kubernetes', 'kubectl'), onPath('kubectl'));
/** Only from the cache: a node of the tests must not depend on what is installed, nor use it. */
export const findNodeProgram = (
  name: 'kubelet' | 'kube-controller-manager' | 'kube-scheduler' | 'pause',
) => first(cached('node', name));
export const findContainerProgram = (name: 'containerd' | 'runc' | 'ctr' | 'cni/bridge') =>
  first(cached('containers', name));
export const findOperator = () => first(cached('operator', 'operator'));
/** The folder of the operator's CRDs, one file each. */
export const operatorCrds = () => cached('operator', 'crds');
export type HelmMajor = '3' | '4';
/** Only from the cache: the versions that infra/guides/servers.md names. */
export const findHelm = (major: HelmMajor) => first(cached(`helm${major}`, 'helm'));
export const findNamed = () => first(cached('debian', 'named'), onPath('named'));
export const findMoto = () => first(cached('python', 'moto_server'), onPath('moto_server'));
export const findAws = () => first(cached('python', 'aws'), onPath('aws'));
export const findCfnLint = () => first(cached('python', 'cfn-lint'), onPath('cfn-lint'));
export const findZizmor = () => first(cached('zizmor', 'zizmor'), onPath('zizmor'));
export const findLambdaRuntime = () => first(cached('runtime', 'aws-lambda-ric'));

export type PrometheusMajor = '2' | '3';

export interface PrometheusPrograms {
  /** Paths of the server and of promtool, always of one version. */
  prometheus: string;
  promtool: string;
  /** As the program says itself, such as 2.42.0+ds or 3.16.0. */
  version: string;
}

const versions = new Map<string, string>();

function versionOf(program: string): string {
  let version = versions.get(program);
  if (version === undefined) {
    const { stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    version = /version (\S+)/.exec(`${stdout}${stderr}`)?.[1] ?? '';
    versions.set(program, version);
  }
  return version;
}

/** The Prometheus of that major version, and its promtool. */
export function findPrometheus(major: PrometheusMajor): PrometheusPrograms | undefined {
  const kind = major === '2' ? 'debian' : 'prometheus';
  for (const look of [(name: string) => first(cached(kind, name)), onPath]) {
    const prometheus = look('prometheus');
    const promtool = look('promtool');
    if (!prometheus || !promtool) continue;
    const version = versionOf(prometheus);
    if (version.startsWith(`${major}.`)) return { prometheus, promtool, version };
  }
  return undefined;
}
