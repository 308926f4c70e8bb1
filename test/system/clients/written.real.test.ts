import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobReport, Report } from '../../../src/report.ts';
import { describeWith } from '../../support/parts/available.ts';
import { aws } from '../../support/parts/aws.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';

/* What the AWS CLI and kubectl wrote is read by the product, and what the product wrote is read by them. */

const cli = join(import.meta.dirname, '../../../dist/cli.mjs');
const namespace = 'monitoring';

const prometheusYml = (targets: string) => `# héllo: every byte of this stays
global: { scrape_interval: 15s }   
scrape_configs:
  - job_name: federate
    static_configs:
${targets}  - { job_name: other, static_configs: [] }`;
const staticConfig = (cluster: string) => `      - targets:
        - ${cluster}.prometheus.internal.
        labels:
          clusterID: ${cluster}
`;

describeWith(
  ['kube-apiserver', 'kubectl', 'moto', 'aws'],
  'what one tool writes, the others read',
  () => {
    let folder: string;
    let kube: KubeApiserver;
    let moto: Moto;
    let zone: string;

    const run = (command: string, ...more: string[]) =>
      aws(['route53', ...command.split(' '), ...more], moto.env);
    const kubectl = (command: string, ...more: string[]) =>
      kube.kubectl(['-n', namespace, ...command.split(' '), ...more]);
    const change = (Action: string, ...clusters: string[]) => {
      const Changes = clusters.map((cluster) => ({
        Action,
        ResourceRecordSet: {
          Name: `${cluster}.prometheus.internal`,
          Type: 'CNAME',
          TTL: 60,
          ResourceRecords: [{ Value: 'lb.example.com' }],
        },
      }));
      return run(
        `change-resource-record-sets --hosted-zone-id ${zone} --change-batch`,
        JSON.stringify({ Changes }),
      );
    };

    beforeAll(async () => {
      folder = temporaryFolder('written');
      [kube, moto] = await Promise.all([startKubeApiserver(), startMoto()]);
      await kube.namespace(namespace);
      const created = await run(
        'create-hosted-zone --name prometheus.internal --caller-reference one',
        '--vpc=VPCRegion=eu-west-1,VPCId=vpc-0a1b2c3d4e5f60718',
        '--hosted-zone-config=PrivateZone=true',
      );
      const { HostedZone } = JSON.parse(created) as { HostedZone: { Id: string } };
      zone = HostedZone.Id.replace('/hostedzone/', '');
      await change('CREATE', 'cluster1', 'cluster2');
    });
    afterAll(async () => {
      await kube?.stop();
      await moto?.stop();
      removeFolder(folder);
    });

    /** `from` replaces the zone. */
    function settings(to: object, from: object = { zone }): string {
      const job = {
        job: 'federate',
        from: [from],
        select: { name: '^[^.]+\\.prometheus\\.internal$' },
        to,
      };
      const file = join(folder, 'federation-sync.yml');
      const kubeconfig = { path: kube.kubeconfigFile() };
      writeFileSync(file, JSON.stringify({ cluster: { kubeconfig }, jobs: [job] }));
      return file;
    }

    function federationSync(
      command: string,
      config: string,
    ): Promise<{ code: number; job: JobReport; stderr: string }> {
      const args = [cli, command, '--config', config, '--json'];
      const env = { ...process.env, ...moto.env };
      return new Promise((resolve) => {
        const child = execFile(process.execPath, args, { env }, (_, stdout, stderr) => {
          const [job] = (JSON.parse(stdout || '{"jobs":[]}') as Report).jobs;
          resolve({ code: child.exitCode ?? -1, job: job as JobReport, stderr });
        });
      });
    }

    const configMap = { namespace, name: 'prometheus-server', key: 'prometheus.yml' };
    const inConfigMap = { configMap };
    const text = () =>
      kubectl('get configmap prometheus-server -o', 'jsonpath={.data.prometheus\\.yml}');

    test('a ConfigMap that kubectl made is synced letter for letter, and names its writer', async () => {
      const before = prometheusYml(staticConfig('cluster1'));
      const file = join(folder, 'prometheus.yml');
      writeFileSync(file, before);
      await kubectl(
        'create configmap prometheus-server --from-literal=rules.yml=x',
        `--from-file=${file}`,
      );
      expect(await text()).toBe(before);

      const { code, job } = await federationSync('sync', settings(inConfigMap));
      expect([code, job.status]).toEqual([0, 'written']);
      expect(await text()).toBe(
        prometheusYml(`${staticConfig('cluster1')}${staticConfig('cluster2')}`),
      );
      const object = JSON.parse(
        await kubectl('get configmap prometheus-server -o json --show-managed-fields'),
      );
      expect(object.data['rules.yml']).toBe('x');
      expect(object.metadata.annotations).toEqual({
        'route53-federation-sync/managed': 'federate',
      });
      expect(object.metadata.managedFields).toContainEqual(
        expect.objectContaining({
          manager: 'route53-federation-sync',
          operation: 'Update',
          fieldsV1: {
            'f:data': { 'f:prometheus.yml': {} },
            'f:metadata': {
              'f:annotations': { '.': {}, 'f:route53-federation-sync/managed': {} },
            },
          },
        }),
      );
    });

    test('a second sync leaves the object as kubectl saw it, version included', async () => {
      const whole = () => kubectl('get configmap prometheus-server -o json');
      const before = await whole();
      const { job } = await federationSync('sync', settings(inConfigMap));
      expect(job.status).toBe('unchanged');
      expect(await whole()).toBe(before);
    });

    test('kubectl apply --server-side, as Helm 4 does it, meets our name in a conflict', async () => {
      const manifest = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'prometheus-server', namespace },
        data: { 'prometheus.yml': prometheusYml('') },
      };
      const apply = kube.kubectl(['apply', '--server-side', '--field-manager=helm', '-f', '-'], {
        input: JSON.stringify(manifest),
      });
      await expect(apply).rejects.toThrow(
        /conflict with "route53-federation-sync" using v1: .data.prometheus.yml/,
      );
    });

    test('a person’s pause and their edit are respected', async () => {
      await kubectl('annotate configmap prometheus-server route53-federation-sync/paused=true');
      await change('CREATE', 'cluster3');
      expect((await federationSync('sync', settings(inConfigMap))).job.status).toBe('paused');
      await kubectl('annotate configmap prometheus-server route53-federation-sync/paused-');
      const edited = (await text()).replace('15s', '20s');
      const data = { 'prometheus.yml': edited };
      await kubectl('patch configmap prometheus-server --type merge -p', JSON.stringify({ data }));
      const { job } = await federationSync('sync', settings(inConfigMap));
      expect(job).toMatchObject({ status: 'written', added: ['cluster3.prometheus.internal.'] });
      const list = ['cluster1', 'cluster2', 'cluster3'].map(staticConfig).join('');
      expect(await text()).toBe(prometheusYml(list).replace('15s', '20s'));
    });

    test('a Secret that kubectl made, and a ConfigMap that it did not', async () => {
      const before = `- job_name: federate\n  static_configs: []\n`;
      await kubectl('create secret generic extra', `--from-literal=scrape.yaml=${before}`);
      const secret = { namespace, name: 'extra', key: 'scrape.yaml' };
      const inSecret = settings({ secret, format: 'scrape_configs' });
      expect((await federationSync('sync', inSecret)).job.status).toBe('written');
      const data = await kubectl('get secret extra -o', 'jsonpath={.data.scrape\\.yaml}');
      expect(Buffer.from(data, 'base64').toString()).toContain('cluster3.prometheus.internal.');

      const ours = { namespace, name: 'targets', key: 'targets.json' };
      const created = settings({ configMap: ours, format: 'file_sd', create: true });
      expect((await federationSync('sync', created)).job.status).toBe('written');
      const managed =
        'get configmaps -o name -l app.kubernetes.io/managed-by=route53-federation-sync';
      expect(await kubectl(managed)).toBe('configmap/targets\n');
    });

    test('an export that aws printed plans the same targets as its zone; a part of one is refused', async () => {
      const list = `list-resource-record-sets --hosted-zone-id ${zone}`;
      const plan = async (...cut: string[]) => {
        writeFileSync(join(folder, 'zone.json'), await run(list, ...cut));
        return federationSync('plan', settings(inConfigMap, { records: 'zone.json' }));
      };
      const wanted = await federationSync('plan', settings(inConfigMap));
      expect(wanted.job).toMatchObject({ status: 'unchanged', targets: 3 });
      const { job } = await plan();
      expect(job).toEqual(wanted.job);
      for (const cut of [['--max-items=2'], ['--max-items=2', '--no-paginate']]) {
        const refused = await plan(...cut);
        expect(refused.code).toBe(1);
        expect(refused.job.error?.code).toBe('records-unreadable');
        expect(refused.job.error?.message).toContain('is only part of the zone');
      }
    });
  },
);
