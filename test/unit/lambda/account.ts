import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { prometheusYml } from '../../support/fakes/world.ts';

export const ZONE = 'Z08214473FVAJ9QTLWTEC';
export const OTHER_ZONE = 'Z0148189XUB3LLEJKXPR';
export const LIST = 'ListResourceRecordSets';

/** An account with two zones, and a cluster whose ConfigMap has a list for each of them. */
export interface Account extends Emulators {
  /** The record sets of a zone are these names from now on. */
  zone(id: string, ...labels: string[]): void;
  /** The list of a job, as host names. */
  list(job: string): string[];
  /** Everything as it was in the beginning. */
  reset(): void;
}

export async function startAccount(): Promise<Account> {
  const emulators = await startEmulators();
  const { aws, kubernetes, faults, credentials } = emulators;
  emulators.addAccessEntry(credentials.arn, { groups: ['federation-sync'] });
  kubernetes.grant(
    { group: 'federation-sync' },
    {
      namespace: 'monitoring',
      verbs: ['get', 'patch'],
      resources: ['configmaps'],
      names: ['prometheus-server'],
    },
  );
  const document = (): string => {
    const object = kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
    return (object as { data?: Record<string, string> })?.data?.['prometheus.yml'] ?? '';
  };
  const zone = (id: string, ...labels: string[]) => {
    aws.route53.createZone({ id, name: 'internal' });
    aws.route53.upsert(
      id,
      labels.map((label) => ({
        Name: `${label}.internal.`,
        Type: 'CNAME',
        TTL: 60,
        ResourceRecords: [{ Value: 'x.example.com' }],
      })),
    );
  };
  const reset = () => {
    faults.clear();
    aws.identity.allowAgain();
    zone(ZONE, 'a', 'b');
    zone(OTHER_ZONE, 'x');
    // An immutable one can only be replaced.
    kubernetes.delete('ConfigMap', 'monitoring', 'prometheus-server');
    kubernetes.put({
      kind: 'ConfigMap',
      metadata: {
        name: 'prometheus-server',
        namespace: 'monitoring',
        annotations: { 'route53-federation-sync/managed': 'federate,other' },
      },
      data: {
        'prometheus.yml': prometheusYml({ federate: ['a.internal'], other: ['x.internal'] }),
      },
    });
  };
  reset();
  return {
    ...emulators,
    zone,
    reset,
    list(job) {
      const [, ...blocks] = document().split('job_name: ');
      const block = blocks.find((text) => text.startsWith(`${job}\n`)) ?? '';
      return [...block.matchAll(/- (\S+\.internal)\.$/gm)].map((match) => match[1] ?? '');
    },
  };
}

const to = {
  configMap: { namespace: 'monitoring', name: 'prometheus-server', key: 'prometheus.yml' },
};
const select = { name: '\\.internal$' };

/** Job federate of ZONE, job other of OTHER_ZONE, both in one document. */
export const SETTINGS = {
  cluster: { eks: { name: 'central', region: 'eu-west-1' } },
  jobs: [
    { job: 'federate', from: [{ zone: ZONE }], select, to },
    { job: 'other', from: [{ zone: OTHER_ZONE }], select, to },
  ],
};
