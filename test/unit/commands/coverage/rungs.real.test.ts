import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { CreateClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeWith } from '../../../support/parts/available.ts';
import { findKubectl } from '../../../support/parts/found.ts';
import { type KubeApiserver, startKubeApiserver } from '../../../support/parts/kube-apiserver.ts';
import { type Moto, startMoto } from '../../../support/parts/moto.ts';
import { freePort, removeFolder, temporaryFolder } from '../../../support/parts/process.ts';
import { type Prometheus, startPrometheus } from '../../../support/parts/prometheus.ts';
import { outerAddress, publish } from '../../../support/parts/published.ts';
import { run } from '../run.ts';

/*
 * One cluster lost at each rung, made for real: EKS of three accounts and Route 53 (moto), a real API server, a real
 * Prometheus behind its proxy. Remedies are pasted into a shell.
 */

const CONFIG = `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: federate
    static_configs: []
`;
const ACCOUNTS = ['222222222222', '333333333333'];
const roleOf = (account: string) => `arn:aws:iam::${account}:role/reader`;
const root = join(import.meta.dirname, '../../../..');

describeWith(
  ['moto', 'kube-apiserver', 'kubectl', 'prometheus-3'],
  'one cluster lost at each rung',
  () => {
    let moto: Moto;
    let kube: KubeApiserver;
    let prometheus: Prometheus;
    let folder: string;
    let zone: string;
    let closed: number;
    const leaves = [0, 1].map(() =>
      createServer((_, response) =>
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end('fine 1\n'),
      ),
    );
    const portOf = (leaf: number) => (leaves[leaf]!.address() as AddressInfo).port;

    beforeAll(async () => {
      [moto, kube, prometheus] = await Promise.all([
        startMoto(),
        startKubeApiserver(),
        startPrometheus({
          version: '3',
          config: CONFIG,
          host: outerAddress(),
          flags: ['--scrape.discovery-reload-interval=100ms'],
        }),
      ]);
      for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
      for (const leaf of leaves) leaf.listen(0, '127.0.0.1');
      closed = await freePort();
      await exist({}, ...Array.from({ length: 105 }, (_, n) => `other-${n}`));
      await exist({}, 'prod-covered', 'prod-excluded', 'prod-paused', 'prod-stale');
      await exist(await session(ACCOUNTS[0] as string), 'prod-refused');
      await exist(await session(ACCOUNTS[1] as string), 'prod-never', 'prod-EDGE');
      zone = await createZone();
      await kube.kubectl(['create', 'namespace', 'monitoring']);
      const service = { namespace: 'monitoring', name: 'prometheus-server', port: 80 };
      await publish(kube, service, { port: prometheus.port });
      await kube.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'server', namespace: 'monitoring' },
        data: { 'prometheus.yml': CONFIG },
      });
      folder = temporaryFolder('coverage');
      for (const [name, text] of Object.entries(files())) writeFileSync(join(folder, name), text);
    }, 60_000);
    afterAll(async () => {
      vi.unstubAllEnvs();
      for (const leaf of leaves) leaf.close().closeAllConnections();
      await prometheus?.stop();
      await kube?.stop();
      await moto?.stop();
      if (folder !== undefined) removeFolder(folder);
    });

    async function session(account: string) {
      const assume = { RoleArn: roleOf(account), RoleSessionName: 'test' };
      const { Credentials: it } = await new STSClient({}).send(new AssumeRoleCommand(assume));
      return {
        credentials: {
          accessKeyId: it?.AccessKeyId ?? '',
          secretAccessKey: it?.SecretAccessKey ?? '',
          sessionToken: it?.SessionToken ?? '',
        },
      };
    }

    async function exist(config: object, ...names: string[]): Promise<void> {
      const client = new EKSClient(config);
      const roleArn = 'arn:aws:iam::123456789012:role/eks';
      const resourcesVpcConfig = { subnetIds: [] };
      await Promise.all(
        names.map((name) =>
          client.send(new CreateClusterCommand({ name, roleArn, resourcesVpcConfig })),
        ),
      );
    }

    async function createZone(): Promise<string> {
      const { HostedZone } = await new Route53Client({}).send(
        new CreateHostedZoneCommand({
          Name: 'internal.',
          CallerReference: 'coverage',
          HostedZoneConfig: { PrivateZone: true },
          VPC: { VPCRegion: 'eu-west-1', VPCId: 'vpc-1' },
        }),
      );
      return HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
    }

    /** The name says the port to scrape on loopback, so that the server needs no DNS. */
    const register = (id: string, port: number) =>
      change('UPSERT', `${id}-p${port}.prometheus.internal.`);
    async function change(Action: 'UPSERT' | 'DELETE', Name: string): Promise<void> {
      const ResourceRecords = [{ Value: 'x.example.com' }];
      const ResourceRecordSet = { Name, Type: 'CNAME' as const, TTL: 60, ResourceRecords };
      const ChangeBatch = { Changes: [{ Action, ResourceRecordSet }] };
      await new Route53Client({}).send(
        new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch }),
      );
    }

    function files(): Record<string, string> {
      const expected = `name: '^prod-(?<clusterID>[A-Za-z]+)$', region: eu-west-1`;
      const others = ACCOUNTS.map(
        (account) => `      - eks: { ${expected}, roleArn: '${roleOf(account)}' }\n`,
      );
      return {
        kubeconfig: kube.kubeconfig(),
        'federation-sync.yml': String.raw`
cluster: { kubeconfig: { path: kubeconfig } }
jobs:
  - job: federate
    from:
      - zone: ${zone}
        select: { name: '^(?<clusterID>[a-z]+)-p(?<port>\d+)\.prometheus\.internal$', exclude: ['^excluded'] }
        target: '127.0.0.1:{port}'
        labels: { clusterID: '{clusterID}', port: '{port}' }
        allowAddresses: true
      - zone: ${zone}
        select: { name: '^(?<clusterID>[a-z]+)\.plain\.internal$' }
        target: '{host}:80'
        labels: { clusterID: '{clusterID}' }
    expect:
      - eks: { ${expected} }
${others.join('')}      - file: by-hand.txt
    to:
      configMap: { namespace: monitoring, name: server, key: prometheus.yml }
      prometheus: { service: { namespace: monitoring, name: prometheus-server, port: 80 } }
`,
        'by-hand.txt': 'covered\n',
      };
    }

    /** What the kubelet does. */
    async function deliver(): Promise<void> {
      const args = ['get', 'configmap', 'server', '-n', 'monitoring', '-o', 'json'];
      prometheus.rewrite(JSON.parse(await kube.kubectl(args)).data['prometheus.yml']);
    }

    /** As a person pastes it; what comes before the command says where. */
    function paste(remedy: string): { status: number | null; output: string } {
      const command = remedy.replace(/^In [\w-]+: /, '');
      const script = `federation-sync() { node '${root}/src/cli.ts' "$@"; }\n${command}\n`;
      const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          KUBECONFIG: join(folder, 'kubeconfig'),
          PATH: `${dirname(findKubectl() ?? '')}:${dirname(process.execPath)}:${process.env.PATH}`,
        },
      });
      return { status, output: `${stdout}${stderr}` };
    }

    interface Row {
      readonly cluster: string;
      readonly lost: string | null;
      readonly reason: string | null;
      readonly remedy: string | null;
    }
    async function coverage() {
      const { code, json, stderr } = await run(folder, ['coverage', '--json']);
      const rows = json.clusters as Row[];
      const lost = Object.fromEntries(rows.map((row) => [row.cluster, row.lost]));
      const of = (id: string) => rows.find(({ cluster }) => cluster === id) as Row;
      return { code, stderr, lost, of, orphaned: json.orphaned, errors: json.errors };
    }

    test('each is named with its remedy, which helps when it is pasted', async () => {
      await register('covered', portOf(0));
      await register('excluded', closed);
      await register('refused', closed);
      const args = ['sync', '--job', 'federate', '--force'];
      expect(await run(folder, args)).toMatchObject({ code: 0, stderr: '' });
      await deliver();
      await prometheus.reload();
      // Written, but not delivered to the server.
      await register('stale', portOf(1));
      expect((await run(folder, ['sync'])).code).toBe(0);
      const object = ['configmap', 'server', '-n', 'monitoring'];
      await kube.kubectl(['annotate', ...object, 'route53-federation-sync/paused=maintenance']);
      await register('paused', await freePort());

      await expect
        .poll(async () => (await coverage()).lost, { timeout: 20_000, interval: 500 })
        .toEqual({
          ...{ never: 'record', EDGE: 'record', excluded: 'selected', paused: 'list' },
          ...{ stale: 'loaded', refused: 'scraped', covered: null },
        });
      // Lost is also what the server has not scraped yet: each target has its own second of the interval.
      await expect
        .poll(async () => (await coverage()).of('refused').reason, { timeout: 20_000 })
        .not.toContain('not scraped yet');
      const found = await coverage();
      expect([found.code, found.stderr, found.errors]).toEqual([2, '', undefined]);
      expect(found.orphaned).toEqual([]);
      expect(found.of('refused').reason).toMatch(/^127\.0\.0\.1:\d+: .*connection refused$/);
      expect(found.of('refused').remedy).toMatch(/^nothing listens on that port/);
      expect(found.of('EDGE').remedy).toMatch(/^Names in DNS are lowercase\. Expect edge/);

      // record: the annotation is accepted; external-dns, which would register the name, is played by us.
      const annotate = found.of('never').remedy ?? '';
      expect(paste(annotate)).toMatchObject({ status: 0 });
      const service = ['get', 'service', 'prometheus-server', '-n', 'monitoring', '-o', 'json'];
      const { annotations } = JSON.parse(await kube.kubectl(service)).metadata;
      expect(annotations['external-dns.kubernetes.io/hostname']).toBe('never.plain.internal');
      await change('UPSERT', 'never.plain.internal.');

      // selected
      const explained = paste(found.of('excluded').remedy ?? '');
      expect(explained).toMatchObject({ status: 0 });
      expect(explained.output).toContain('its name matches select.exclude ^excluded');

      // list
      expect((await coverage()).lost).toMatchObject({ never: 'list', paused: 'list' });
      expect(paste(found.of('paused').remedy ?? '')).toMatchObject({ status: 0 });
      const next = (await coverage()).of('paused').remedy ?? '';
      expect(next).toBe('federation-sync sync --job federate');
      expect(paste(next)).toMatchObject({ status: 0 });

      // loaded: the kubelet has delivered the file, and the server has not read it.
      const stale = (await coverage()).of('paused');
      expect(stale).toMatchObject({ lost: 'loaded' });
      await deliver();
      expect(paste(stale.remedy ?? '')).toMatchObject({ status: 0 });
      await expect
        .poll(async () => (await coverage()).lost, { timeout: 20_000, interval: 500 })
        .toMatchObject({ never: 'scraped', paused: 'scraped', stale: null, covered: null });
    }, 90_000);

    test('a target of no cluster is orphaned', async () => {
      await change('UPSERT', 'orphan.plain.internal.');
      expect((await run(folder, ['sync'])).code).toBe(0);
      expect((await coverage()).orphaned).toEqual([
        { target: 'orphan.plain.internal:80', cluster: 'orphan', job: 'federate' },
      ]);
    });

    test('clusters that cannot be listed are an error of coverage alone', async () => {
      const before = await run(folder, ['sync', '--json']);
      vi.stubEnv('AWS_ENDPOINT_URL_EKS', 'http://127.0.0.1:1');
      expect(await coverage()).toMatchObject({
        code: 1,
        // Of the file, which could be read.
        lost: { covered: null },
        orphaned: [],
        errors: [1, 2, 3].map(() => ({ job: 'federate', code: 'aws-unavailable' })),
      });
      expect(await run(folder, ['sync', '--json'])).toMatchObject({ code: 0, json: before.json });
    });
  },
);
