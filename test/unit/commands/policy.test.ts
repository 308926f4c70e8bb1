import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { folderWith, run } from './run.ts';

const SETTINGS = String.raw`
cluster:
  eks: { name: central, region: eu-west-1 }
jobs:
  - job: federate
    from: [{ zone: Z1 }, { zone: Z2, roleArn: 'arn:aws:iam::222222222222:role/reader' }]
    select: { name: '\.internal$' }
    to: { configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml } }
`;

const installed = () => folderWith({ 'federation-sync.yml': SETTINGS });

test('prints both parts as one YAML stream', async () => {
  const { code, stdout } = await run(installed(), ['policy']);
  expect(code).toBe(0);
  const [iam, kubernetes] = parseAllDocuments(stdout).map((document) => document.toJS());
  expect(iam.Statement).toEqual([
    {
      Sid: 'ReadZones',
      Effect: 'Allow',
      Action: ['route53:GetHostedZone', 'route53:ListResourceRecordSets'],
      Resource: ['arn:aws:route53:::hostedzone/Z1'],
    },
    {
      Sid: 'AssumeRoles',
      Effect: 'Allow',
      Action: ['sts:AssumeRole'],
      Resource: ['arn:aws:iam::222222222222:role/reader'],
    },
    {
      Sid: 'DescribeCluster',
      Effect: 'Allow',
      Action: ['eks:DescribeCluster'],
      Resource: ['arn:aws:eks:eu-west-1:*:cluster/central'],
    },
  ]);
  expect(kubernetes.items).toMatchObject([
    {
      kind: 'Role',
      metadata: { namespace: 'monitoring' },
      rules: [
        {
          resources: ['configmaps'],
          resourceNames: ['prometheus-server'],
          verbs: ['get', 'patch'],
        },
      ],
    },
    { kind: 'RoleBinding', subjects: [{ kind: 'Group', name: 'federation-sync' }] },
  ]);
});

test('of a ScrapeConfig: get and patch of that one, create only where it is created', async () => {
  const to = [
    'scrapeConfig: { namespace: monitoring, name: federate }',
    '{ scrapeConfig: { namespace: other, name: federate }, create: true, template: t.yml }',
  ];
  const text = (place: string) =>
    SETTINGS.replace(/to: .*/, `to: ${place.startsWith('{') ? place : `{ ${place} }`}`);
  const rulesOf = async (place: string) => {
    const folder = folderWith({ 'federation-sync.yml': text(place), 't.yml': '' });
    const { stdout } = await run(folder, ['policy', 'kubernetes', '--json']);
    return JSON.parse(stdout).items[0].rules;
  };
  const rule = { apiGroups: ['monitoring.coreos.com'], resources: ['scrapeconfigs'] };
  const named = { ...rule, resourceNames: ['federate'], verbs: ['get', 'patch'] };
  expect(await rulesOf(to[0] ?? '')).toEqual([named]);
  expect(await rulesOf(to[1] ?? '')).toEqual([named, { ...rule, verbs: ['create'] }]);
});

test('prints one part alone, fit for aws and kubectl', async () => {
  const folder = installed();
  const iam = await run(folder, ['policy', 'iam']);
  expect(iam.json.Version).toBe('2012-10-17');
  const kubernetes = await run(folder, ['policy', 'kubernetes']);
  expect(kubernetes.stdout).toMatch(/^apiVersion: v1\nkind: List\n/);
});

test('prints both parts as one object for programs', async () => {
  const { json } = await run(installed(), ['policy', '--json']);
  expect(Object.keys(json)).toEqual(['iam', 'kubernetes']);
});

test('takes the Region from the environment where the settings name none', async () => {
  const folder = folderWith({
    'federation-sync.yml': SETTINGS.replace(', region: eu-west-1', ''),
  });
  const { json } = await run(folder, ['policy', 'iam'], { AWS_REGION: 'us-gov-west-1' });
  expect(json.Statement[2].Resource).toEqual([
    'arn:aws-us-gov:eks:us-gov-west-1:*:cluster/central',
  ]);
});

test('gives the Role to a service account where the sync runs in the cluster', async () => {
  const folder = folderWith({
    'federation-sync.yml': SETTINGS.replace(/eks: .*/, 'inCluster: true'),
  });
  const { json } = await run(folder, ['policy', 'kubernetes', '--json']);
  expect(json.items[1].subjects).toEqual([
    { kind: 'ServiceAccount', name: 'federation-sync', namespace: 'monitoring' },
  ]);
});

test('refuses any other part', async () => {
  const { code, stderr } = await run(installed(), ['policy', 'gcp']);
  expect(code).toBe(1);
  expect(stderr).toContain('usage: federation-sync policy [iam|kubernetes]');
});

test('--group gives another stage a Role of its own', async () => {
  const folder = installed();
  const args = ['policy', 'kubernetes', '--json', '--group', 'federation-sync-staging'];
  const { json } = await run(folder, args);
  const name = 'federation-sync-staging';
  expect(json.items).toMatchObject([
    { kind: 'Role', metadata: { name } },
    { kind: 'RoleBinding', metadata: { name }, roleRef: { name }, subjects: [{ name }] },
  ]);
});

test('--group is refused for a group of Kubernetes, and for a service account', async () => {
  const masters = await run(installed(), ['policy', '--group', 'system:masters']);
  expect(masters.code).toBe(1);
  expect(masters.stderr).toContain('--group system:masters');
  const inPod = folderWith({
    'federation-sync.yml': SETTINGS.replace(/eks: .*/, 'inCluster: true'),
  });
  expect((await run(inPod, ['policy', '--group', 'a'])).code).toBe(1);
});
