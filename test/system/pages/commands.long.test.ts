import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { caches } from '../../support/caches.ts';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { describeWith } from '../../support/parts/available.ts';
import { aws } from '../../support/parts/aws.ts';
import { findAws, findKubectl, findPrometheus } from '../../support/parts/found.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { prometheusYml } from '../../unit/commands/run.ts';
import { createService, type Service } from '../infra/service.ts';
import { handOverCommands } from '../operator/hand-over.ts';
import { type Command, commandsOf, type Page, pages, root, withoutMentions } from './pages.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const ZONE = 'Z08214473FVAJ9QTLWTEC';

/** Commands of the pages that cannot be executed here, each with the reason. */
const cannotRunHere: Record<string, string> = {
  'helm repo add prometheus-community https://prometheus-community.github.io/helm-charts':
    'needs the chart repository',
  'npm ci && npm run build && docker build -f infra/kubernetes/Dockerfile -t federation-sync:0.1.0 .':
    'needs a container engine; image.test.ts replays the Dockerfile',
  'gh attestation verify federation-sync-lambda.zip --repo OWNER/NAME':
    'needs a release and GitHub’s attestations',
  'gh attestation verify oci://ghcr.io/OWNER/NAME@sha256:DIGEST --repo OWNER/NAME':
    'needs a published image and GitHub’s attestations',
  'npm audit signatures': 'needs the package registry',
  'npx osls deploy --region eu-west-1 --param="webhook={{resolve:secretsmanager:federation-sync-prod/webhook}}"':
    'moto’s CloudFormation has no API destinations; package.real.test.ts packages and validates it',
  "gh api repos/OWNER/NAME --jq '.id, .owner.id'": 'needs a repository on GitHub',
  'aws cloudformation continue-update-rollback':
    'moto has no update that CloudFormation itself rolls back; live.test.ts has the remedy',
  'aws eks delete-access-entry': 'neither moto nor the stand-in of EKS has entries to delete',
};

/** Commands that are incomplete on purpose, or that another test executes. */
const elsewhere: Record<string, string> = {
  'node dist/cli.mjs verify --prometheus URL --resolver IP':
    'test/unit/commands/verify/command.real.test.ts',
  // These settings have no `expect`.
  'federation-sync coverage': 'test/system/pages/troubleshooting.test.ts',
  'helm upgrade --install …': 'test/system/infra/helm-values.real.test.ts',
  [`npx federation-sync init --cluster central --namespace monitoring \\
         --configmap mattermost-cm-prometheus-server \\
         --zone ZPROMETHEUSHOSTEDZONEID --zone ZINSTALLATIONSHOSTEDZONEID --public`]:
    'test/system/infra/moving-over.test.ts',
  'npx osls deploy --region us-east-1 --param="subnets=subnet-0a1b2c3d" --param="securityGroups=sg-0a1b2c3d"':
    'test/system/infra/package.real.test.ts',
  ...Object.fromEntries(
    handOverCommands.map((text) => [text, 'test/system/operator/hand-over.ts']),
  ),
};

/** In this order: what a page needs is done before; the stage is removed last. */
const ORDER = [
  'README.md',
  'infra/guides/deploy.md',
  'infra/guides/servers.md',
  'infra/guides/accounts.md',
  'infra/guides/cronjob.md',
  'infra/guides/coverage.md',
  'infra/guides/tree.md',
  'infra/guides/network.md',
  'infra/reference/',
  'infra/pipeline.md',
  'infra/',
  '',
];
const placeOf = ({ path }: Page) => ORDER.findIndex((prefix) => path.startsWith(prefix));

const ours = /^(?:npx )?federation-sync\b/;
/** Scripts of package.json, which commands.test.ts looks up; ci.yml runs them. */
const isScript = (text: string) =>
  text.split(' && ').every((part) => /^(?:npm (?:run|ci|test)\b|npx vitest )/.test(part));

const inOrderOfPages = [...pages].sort((one, other) => placeOf(one) - placeOf(other));
const commands = withoutMentions(inOrderOfPages.flatMap(commandsOf))
  // Mentioned, not to be copied: commands.test.ts checks its flags.
  .filter(({ text, inSentence }) => !(inSentence && ours.test(text)))
  .filter(({ text }) => !isScript(text));

test('the pages have commands, and each of those that are not executed is still there', () => {
  expect(commands.length).toBeGreaterThan(25);
  const texts = commands.map(({ text }) => text);
  expect(texts).toEqual(
    expect.arrayContaining([...Object.keys(cannotRunHere), ...Object.keys(elsewhere)]),
  );
});

/** In the order of the page; moto, emulators and a real API server stand in for AWS and the cluster. */
describeWith(
  ['moto', 'aws', 'kube-apiserver', 'prometheus-3'],
  'every command of the pages',
  () => {
    let moto: Moto;
    let emulators: Emulators;
    let cluster: KubeApiserver;
    let service: Service;
    let env: Record<string, string>;
    /** What is different in each account, by what the page has. */
    const own: [page: RegExp, here: () => string][] = [];
    const accessEntries: object[] = [];
    // EKS's own answer; moto does not support access entries.
    const eks = createServer(async (request, response) => {
      const body = JSON.parse(Buffer.concat(await request.toArray()).toString() || '{}');
      accessEntries.push({ call: `${request.method} ${request.url}`, ...body });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ accessEntry: body }));
    });

    beforeAll(async () => {
      [moto, emulators, cluster, service] = await Promise.all([
        startMoto(),
        startEmulators(),
        startKubeApiserver(),
        createService(),
      ]);
      await new Promise<void>((resolve) => eks.listen(0, '127.0.0.1', resolve));
      await fetch(`${moto.endpoint}/moto-api/config`, {
        method: 'POST',
        body: JSON.stringify({ lambda: { use_docker: false } }),
      });
      await cluster.namespace('monitoring');
      emulators.aws.route53.createZone({ id: ZONE, name: 'internal.' });
      emulators.aws.route53.upsert(
        ZONE,
        ['a.prometheus.internal.', 'shard-0.federation.internal.'].map((Name) => ({
          ...{ Name, Type: 'A' as const, TTL: 60 },
          ResourceRecords: [{ Value: '10.0.0.1' }],
        })),
      );
      emulators.addAccessEntry(emulators.credentials.arn, { groups: ['system:masters'] });
      // Those of the tree, too.
      for (const namespace of ['monitoring', 'federation-0', 'federation-1']) {
        emulators.kubernetes.put({
          kind: 'ConfigMap',
          metadata: { namespace, name: 'federation-targets' },
          data: { 'targets.yaml': '[]\n' },
        });
      }
      const prometheus = prometheusYml('a.prometheus.internal. clusterID=a');
      const configMap = (name: string) => ({
        ...{ apiVersion: 'v1', kind: 'ConfigMap' },
        metadata: { namespace: 'monitoring', name },
        data: { 'prometheus.yml': prometheus },
      });
      emulators.kubernetes.put(configMap('prometheus-server'));
      await cluster.apply(configMap('mattermost-cm-prometheus-server'));

      const query = async (...args: string[]) => JSON.parse(await aws(args, moto.env));
      const { Vpc } = await query('ec2', 'create-vpc', '--cidr-block', '10.0.0.0/16');
      const { HostedZone } = await query(
        ...['route53', 'create-hosted-zone', '--name', 'prometheus.internal'],
        ...[
          '--hosted-zone-config',
          'PrivateZone=true',
          '--caller-reference',
          '1',
          '--vpc',
          `VPCRegion=eu-west-1,VPCId=${Vpc.VpcId}`,
        ],
      );
      own.push(
        [/(?<=--hosted-zone-id )\w+/, () => HostedZone.Id.replace('/hostedzone/', '')],
        [/vpc-0a1b2c3d/, () => Vpc.VpcId],
        // For version 2 of the AWS CLI; this is version 1.
        [/--cli-binary-format \S+/, () => ''],
        [/(?<=--timestamp )TIMESTAMP/, () => timestamp],
        // It is on PATH, and npx would look for it in the registry.
        [/^npx federation-sync/, () => 'federation-sync'],
      );

      const bin = join(service.folder, 'bin');
      mkdirSync(bin);
      const { promtool } = findPrometheus('3')!;
      for (const [name, path] of Object.entries({
        aws: findAws(),
        kubectl: findKubectl(),
        promtool,
      }))
        symlinkSync(path!, join(bin, name));
      env = {
        PATH: [bin, join(root, 'node_modules/.bin'), process.env.PATH].join(':'),
        HOME: service.folder,
        ...caches,
        SLS_AWS_MONITORING_FREQUENCY: '200',
        npm_config_update_notifier: 'false',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        ...moto.env,
        AWS_ENDPOINT_URL_EKS: `http://127.0.0.1:${(eks.address() as AddressInfo).port}`,
        KUBECONFIG: cluster.kubeconfigFile(),
      };
      symlinkSync(join(service.folder, 'dist/cli.mjs'), join(bin, 'federation-sync'));
      // What the pages tell somebody to write.
      writeFileSync(join(service.folder, 'webhook.txt'), 'https://hooks.example.com/T0/B0');
      const settings = readFileSync(join(root, 'infra/federation-sync.example.yml'), 'utf8');
      writeFileSync(join(service.folder, 'federation-sync.staging.yml'), settings);
      // The command line itself, as it is built.
      await run('node infra/build.ts');
    });
    afterAll(async () => {
      eks.close();
      service?.remove();
      await Promise.all([moto?.stop(), emulators?.close(), cluster?.stop()]);
    });

    let timestamp = '';
    async function run(command: string): Promise<string> {
      const text = own.reduce(
        (line, [page, here]) => line.replaceAll(new RegExp(page, 'g'), here()),
        command,
      );
      // moto has neither the zone of the settings nor the cluster.
      const given = /^(?:node dist\/cli\.mjs plan|federation-sync )/.test(text)
        ? { ...env, ...emulators.env, AWS_ENDPOINT_URL_EKS: emulators.env.AWS_ENDPOINT_URL }
        : env;
      const options = { cwd: service.folder, env: given, maxBuffer: 64 << 20, timeout: 120_000 };
      return new Promise((resolve, reject) => {
        execFile('bash', ['-e', '-o', 'pipefail', '-c', text], options, (error, stdout, stderr) => {
          if (error) reject(new Error(`${text}\n${stdout}${stderr}`));
          else resolve(`${stdout}${stderr}`);
        });
      });
    }

    const executable = ({ text }: Command) => !(text in cannotRunHere) && !(text in elsewhere);
    const last = (text: string) => /^npx osls remove/.test(text);
    const inOrder = [
      ...commands.filter((one) => executable(one) && !last(one.text)),
      ...commands.filter((one) => executable(one) && last(one.text)),
    ];
    test.each(inOrder)('$text', async ({ text }) => {
      const printed = await run(text);
      timestamp = /Timestamp: (\d+)/.exec(printed)?.[1] ?? timestamp;
    });

    test('had the effects that the page describes', () => {
      expect(accessEntries).toMatchObject([
        {
          call: 'POST /clusters/central/access-entries',
          principalArn: 'arn:aws:iam::111111111111:role/federation-sync-prod-eu-west-1',
          kubernetesGroups: ['federation-sync'],
          type: 'STANDARD',
        },
      ]);
      const soa = readFileSync(join(service.folder, 'soa.json'), 'utf8');
      expect(JSON.parse(soa).Changes).toMatchObject([
        { Action: 'UPSERT', ResourceRecordSet: { Type: 'SOA', TTL: 60 } },
      ]);
      for (const name of ['clusters.json', 'federation-sync.json']) {
        const path = join('infra/dashboards', name);
        expect(readFileSync(join(service.folder, path), 'utf8')).toBe(
          readFileSync(join(root, path), 'utf8'),
        );
      }
    });

    test('leaves the list and the CronJob in the cluster', async () => {
      const printed = await cluster.kubectl([
        'get',
        'role,rolebinding,configmap,cronjob',
        '--namespace',
        'monitoring',
        '--output',
        'name',
      ]);
      for (const name of [
        'role.rbac.authorization.k8s.io/federation-sync',
        'configmap/federation-targets',
        'cronjob.batch/federation-sync',
      ])
        expect(printed).toContain(name);
    });
  },
);
