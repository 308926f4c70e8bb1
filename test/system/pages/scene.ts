import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { PrometheusEmulator } from '../../support/emulators/prometheus.ts';
import { prometheusYml } from '../../unit/commands/run.ts';

const ZONE = 'Z08214473FVAJ9QTLWTEC';
const OBJECT = { namespace: 'monitoring', name: 'prometheus-server' };
const MANAGED = 'route53-federation-sync/managed';

/** The settings of the symptoms: a list that was synced, whose server scheduled runs and verify query. */
const SETTINGS = String.raw`
cluster: { eks: { name: central, region: eu-west-1 } }
jobs:
  - job: federate
    from: [{ zone: ${ZONE} }]
    select:
      name: '^(?<clusterID>[^.]+)\.prometheus\.internal$'
      exclude: ['^test-']
    expect: [{ file: clusters.txt }]
    to:
      configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml }
      prometheus: { service: { namespace: monitoring, name: prometheus-server, port: 80 } }
`;

/** What a symptom arranges: a zone, a list, a server, and what refuses us. */
export interface Scene {
  readonly emulators: Emulators;
  readonly server: PrometheusEmulator;
  /** The names in the zone are these labels from now on. */
  zone(...labels: string[]): void;
  /** The list has these labels, and the server has loaded it. */
  list(...labels: string[]): void;
  annotate(annotations: Readonly<Record<string, string>>): void;
  expect(...clusters: string[]): void;
  /** Writes the settings again, with a change. */
  settings(change: (text: string) => string): void;
  /** Everything is as it should be: eu-1 and eu-2 in the zone, the list and the server. */
  reset(): void;
}

export async function startScene(folder: string): Promise<Scene> {
  const emulators = await startEmulators();
  const { aws, kubernetes, credentials } = emulators;
  const group = { group: 'federation-sync' };
  kubernetes.grant(group, {
    ...{ namespace: OBJECT.namespace, names: [OBJECT.name] },
    ...{ verbs: ['get', 'patch'], resources: ['configmaps'] },
  });
  kubernetes.grant(group, {
    ...{ namespace: OBJECT.namespace, names: [`${OBJECT.name}:80`] },
    ...{ verbs: ['get'], resources: ['services/proxy'] },
  });
  const server = new PrometheusEmulator('');
  const segment = `${OBJECT.name}:80`;
  const scene: Scene = {
    emulators,
    server,
    zone(...labels) {
      aws.route53.createZone({ id: ZONE, name: 'prometheus.internal' });
      const sets = labels.map((label) => ({
        Name: `${label}.prometheus.internal.`,
        Type: 'CNAME' as const,
        TTL: 60,
        ResourceRecords: [{ Value: 'lb.example.com' }],
      }));
      aws.route53.upsert(ZONE, sets);
    },
    list(...labels) {
      const targets = labels.map((label) => `${label}.prometheus.internal. clusterID=${label}`);
      const text = prometheusYml(...targets);
      kubernetes.put({
        kind: 'ConfigMap',
        metadata: { ...OBJECT, annotations: { [MANAGED]: 'federate' } },
        data: { 'prometheus.yml': text },
      });
      server.file = text;
      server.reload();
    },
    annotate(annotations) {
      const object = kubernetes.get('ConfigMap', OBJECT.namespace, OBJECT.name);
      kubernetes.put({ ...object, metadata: { ...OBJECT, annotations } } as never);
    },
    expect(...clusters) {
      writeFileSync(join(folder, 'clusters.txt'), clusters.join('\n'));
    },
    settings(change) {
      const text = change(SETTINGS);
      if (text === SETTINGS) throw new Error('this changes nothing');
      writeFileSync(join(folder, 'federation-sync.yml'), text);
    },
    reset() {
      emulators.faults.clear();
      aws.identity.allowAgain();
      emulators.addAccessEntry(credentials.arn, { groups: ['federation-sync'] });
      kubernetes.serve(OBJECT.namespace, segment, server.answer);
      kubernetes.delete('ConfigMap', OBJECT.namespace, OBJECT.name);
      server.down.clear();
      scene.zone('eu-1', 'eu-2');
      scene.list('eu-1', 'eu-2');
      scene.expect('eu-1', 'eu-2');
      writeFileSync(join(folder, 'federation-sync.yml'), SETTINGS);
    },
  };
  return scene;
}
