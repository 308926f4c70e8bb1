import {
  findAws,
  findCfnLint,
  findEtcd,
  findKubeApiserver,
  findKubectl,
  findLambdaRuntime,
  findMoto,
  findNamed,
  findOpenssl,
  findPrometheus,
  findZizmor,
} from './found.ts';
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
  moto: { moto_server: findMoto },
  aws: { aws: findAws },
  'cfn-lint': { 'cfn-lint': findCfnLint },
  zizmor: { zizmor: findZizmor },
  'prometheus-2': { 'prometheus and promtool 2': () => findPrometheus('2') },
  'prometheus-3': { 'prometheus and promtool 3': () => findPrometheus('3') },
  named: { named: findNamed },
  'lambda-runtime': { 'aws-lambda-ric': findLambdaRuntime },
} satisfies Record<string, Record<string, () => unknown>>;

/** What some suites need in addition to programs. Nothing runs on these, so the closing table leaves them out. */
const rights = {
  'private-dns': { 'the right to mount and to listen on port 53 (Linux, root)': canChooseResolver },
} satisfies Record<string, Record<string, () => unknown>>;

export type PartName = keyof typeof programs;
export type Requirement = PartName | keyof typeof rights;

export const partNames = Object.keys(programs) as PartName[];

/** Those that are not available on this machine. */
export function missingOf(wanted: readonly Requirement[]): string[] {
  const all = { ...programs, ...rights };
  const missing = wanted
    .flatMap((one) => Object.entries(all[one]))
    .filter(([, find]) => !find())
    .map(([name]) => name);
  return [...new Set(missing)];
}
