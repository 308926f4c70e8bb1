import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Kubernetes, startKubernetes } from '../../support/emulators/kubernetes.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { clientOf, create, createZone } from '../../unit/records/contract.ts';
import type { FederationSync } from './cli.ts';
import { mixedZone, PATTERN, PROMETHEUS_YML } from './mixed-zone.ts';

export interface AwsServer {
  readonly endpoint: string;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<unknown>;
}

interface Config {
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly static_configs: unknown;
  }[];
}

/** What the list must say: the article's way, and the one target that no record announces. */
function groups(labels: readonly string[]) {
  return [
    ...labels.map((label) => ({
      targets: [`${label}.prometheus.internal.`],
      labels: { clusterID: label },
    })),
    { targets: ['prometheus-server:80'], labels: { clusterID: 'central' } },
  ].sort((a, b) => ((a.targets[0] ?? '') < (b.targets[0] ?? '') ? -1 : 1));
}

/** A zone of 1,205 mixed record sets into a file and a ConfigMap, by the command line. */
export function syncsAMixedZone(
  start: () => Promise<AwsServer>,
  federationSync: FederationSync,
  checkConfig: (text: string) => Promise<void> = async () => undefined,
): void {
  const { records, labels, selected } = mixedZone();
  let server: AwsServer;
  let client: Route53Client;
  let kubernetes: Kubernetes;
  let zone: string;
  let folder: string;

  beforeAll(async () => {
    [server, kubernetes] = await Promise.all([start(), startKubernetes()]);
    client = clientOf(server.endpoint);
    zone = await createZone(client, 'internal');
    await create(client, zone, records);
    folder = temporaryFolder('acceptance');
    writeFileSync(join(folder, 'kubeconfig'), kubernetes.kubeconfig());
  });
  afterAll(async () => {
    removeFolder(folder);
    await Promise.all([server?.stop(), kubernetes?.close()]);
  });

  const settings = (to: object) => {
    const also = [{ targets: ['prometheus-server:80'], labels: { clusterID: 'central' } }];
    const job = { job: 'federate', from: [{ zone }], select: { name: PATTERN }, also, to };
    const cluster = { kubeconfig: { path: 'kubeconfig' } };
    writeFileSync(join(folder, 'federation-sync.yml'), JSON.stringify({ cluster, jobs: [job] }));
  };
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await federationSync(folder, [...args, '--json'], server.env);
    expect(stderr).toBe('');
    return { code, report: JSON.parse(stdout).jobs[0] };
  };

  async function checkDocument(text: string): Promise<void> {
    const before = parse(PROMETHEUS_YML) as Config;
    const after = parse(text) as Config;
    const list = (config: Config) =>
      config.scrape_configs.find(({ job_name }) => job_name === 'federate')?.static_configs;
    expect(list(after)).toEqual(groups(labels));
    const [head = '', tail = ''] = PROMETHEUS_YML.split(
      / {6}- targets:\n {8}- 'prom[^\n]*\n[^\n]*\n/,
    );
    expect(text.startsWith(head)).toBe(true);
    expect(text.endsWith(tail)).toBe(true);
    expect({ ...after, scrape_configs: [] }).toEqual({ ...before, scrape_configs: [] });
    await checkConfig(text);
  }

  test('the zone is what it should be, and its pages split weighted pairs', async () => {
    expect(records).toHaveLength(1_203);
    let page: ListResourceRecordSetsCommandOutput | undefined;
    for (let i = 0; i < 3; i++) {
      page = await client.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: zone,
          MaxItems: 300,
          StartRecordName: page?.NextRecordName ?? 'prometheus.internal.',
          StartRecordType: page?.NextRecordType,
        }),
      );
    }
    expect(page?.ResourceRecordSets).toHaveLength(300);
    expect(page?.ResourceRecordSets?.at(-1)).toMatchObject({
      Name: page?.NextRecordName,
      SetIdentifier: 'blue',
    });
  });

  describe('into a file', () => {
    const file = () => join(folder, 'prometheus.yml');
    beforeAll(() => {
      settings({ file: 'prometheus.yml' });
      writeFileSync(file(), PROMETHEUS_YML);
    });

    test('a plan says what it would do', async () => {
      const { code, report } = await run('plan', '--detailed-exitcode');
      expect(code).toBe(2);
      expect(report).toMatchObject({ status: 'planned', records: selected, targets: 671 });
      expect(readFileSync(file(), 'utf8')).toBe(PROMETHEUS_YML);
    });

    test('a sync does it', async () => {
      const { code, report } = await run('sync');
      expect(code).toBe(0);
      expect(report).toMatchObject({
        status: 'written',
        records: selected,
        targets: 671,
        removed: [],
        changed: [],
        skipped: [{ type: 'A', code: 'wildcard' }],
        warnings: [],
      });
      expect(report.added).toHaveLength(670);
      await checkDocument(readFileSync(file(), 'utf8'));
    });

    test('a second one writes nothing', async () => {
      const { ino, mtimeMs } = statSync(file());
      const { code, report } = await run('sync');
      expect([code, report.status]).toEqual([0, 'unchanged']);
      expect(statSync(file())).toMatchObject({ ino, mtimeMs });
    });
  });

  describe('into a ConfigMap', () => {
    const stored = () =>
      kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server') as unknown as {
        metadata: { resourceVersion: string; annotations: Record<string, string> };
        data: Record<string, string>;
      };
    beforeAll(() => {
      settings({
        configMap: { namespace: 'monitoring', name: 'prometheus-server', key: 'prometheus.yml' },
      });
      kubernetes.put({
        kind: 'ConfigMap',
        metadata: {
          name: 'prometheus-server',
          namespace: 'monitoring',
          annotations: { note: 'x' },
        },
        data: { 'prometheus.yml': PROMETHEUS_YML, rules: 'groups: []\n' },
      });
    });

    test('a sync writes that key and its annotation only', async () => {
      const { code, report } = await run('sync');
      expect(code).toBe(0);
      expect(report).toMatchObject({
        to: 'configmap/monitoring/prometheus-server:prometheus.yml',
        status: 'written',
        targets: 671,
      });
      const { data, metadata } = stored();
      await checkDocument(data['prometheus.yml'] ?? '');
      expect(data.rules).toBe('groups: []\n');
      expect(metadata.annotations).toEqual({
        note: 'x',
        'route53-federation-sync/managed': 'federate',
      });
    });

    test('a second one writes nothing', async () => {
      const { resourceVersion } = stored().metadata;
      kubernetes.faults.clear();
      const { code, report } = await run('sync');
      expect([code, report.status]).toEqual([0, 'unchanged']);
      expect(stored().metadata.resourceVersion).toBe(resourceVersion);
      // Before the listing, and after it: another run may have written in between.
      const operations = kubernetes.faults.calls.map(({ operation }) => operation);
      expect(operations).toEqual(['get configmaps', 'get configmaps']);
    });
  });
}
