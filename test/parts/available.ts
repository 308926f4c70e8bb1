import { describe, test } from 'vitest';
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
} from './found.ts';

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
  'prometheus-2': { 'prometheus and promtool 2': () => findPrometheus('2') },
  'prometheus-3': { 'prometheus and promtool 3': () => findPrometheus('3') },
  named: { named: findNamed },
  'lambda-runtime': { 'aws-lambda-ric': findLambdaRuntime },
} satisfies Record<string, Record<string, () => unknown>>;

export type PartName = keyof typeof programs;

export const partNames = Object.keys(programs) as PartName[];

/** Which of a part's programs are not on this machine; none when the part is there. */
function missingPrograms(part: PartName): string[] {
  return Object.entries(programs[part])
    .filter(([, find]) => find() === undefined)
    .map(([name]) => name);
}

/** True where a missing part is a failure, not an excuse. */
export const inCi = (): boolean => !['', '0', 'false'].includes(process.env.CI ?? '');

/** A suite's title as the reporter reads it: `[moto] [aws] lists records`. */
const tagged = (parts: PartName[], title: string): string =>
  [...parts.map((part) => `[${part}]`), title].join(' ');

/**
 * A suite that runs on these real parts. Where one is missing, the suite is skipped and a line says
 * how to get it; in CI it fails instead.
 */
export function describeWith(parts: PartName | PartName[], title: string, body: () => void): void {
  const wanted = [parts].flat();
  const name = tagged(wanted, title);
  const missing = [...new Set(wanted.flatMap(missingPrograms))];
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const why = `${missing.join(', ')} missing: test/parts/prepare.sh provides the real parts`;
  if (inCi()) {
    describe(name, () => {
      test('finds its real parts', () => {
        throw new Error(why);
      });
    });
    return;
  }
  console.warn(`skipped: ${name}; ${why}`);
  describe.skip(name, body);
}
