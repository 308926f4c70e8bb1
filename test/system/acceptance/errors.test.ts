import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { type Account, LIST, SETTINGS, startAccount, ZONE } from '../../unit/lambda/account.ts';
import { inProcess } from './cli.ts';

let account: Account;
let folder: string;
beforeAll(async () => {
  account = await startAccount();
  folder = temporaryFolder('errors');
});
afterAll(async () => {
  removeFolder(folder);
  await account.close();
});
beforeEach(() => account.reset());

const [JOB] = SETTINGS.jobs;
const OBJECT = { namespace: 'monitoring', name: 'prometheus-server', key: 'prometheus.yml' };

/** One job of the account; `job` and `cluster` are laid over it. */
async function sync(job: object = {}, cluster: object = {}, ...args: string[]) {
  const eks = { ...SETTINGS.cluster.eks, ...cluster };
  const settings = { cluster: { eks }, jobs: [{ ...JOB, ...job }] };
  writeFileSync(join(folder, 'federation-sync.yml'), JSON.stringify(settings));
  return inProcess(folder, ['sync', ...args], account.env);
}
const stored = () => account.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
const put = (change: object) => account.kubernetes.put({ ...stored(), ...change } as never);

interface Case {
  readonly arrange?: () => void;
  readonly job?: object;
  readonly cluster?: object;
  readonly line: RegExp;
}

const role = 'arn:aws:iam::222222222222:role/reader';
const cases: Record<string, Case> = {
  'a zone that is not there': {
    job: { from: [{ zone: 'Z0000000000000' }] },
    line: /zone-missing: could not look up zone Z0000000000000: .*aws route53 list-hosted-zones/,
  },
  'a public zone': {
    arrange: () =>
      account.aws.route53.createZone({ id: 'ZPUBLIC', name: 'example.com', private: false }),
    job: { from: [{ zone: 'ZPUBLIC' }] },
    line: /zone-public: zone ZPUBLIC \(example\.com\.\) is a public zone\. Use the id of the private zone/,
  },
  'no permission to look at the zone': {
    arrange: () => account.aws.identity.deny('route53:GetHostedZone'),
    line: /zone-forbidden: could not look up zone .*route53:GetHostedZone.*Allow route53:GetHostedZone and/,
  },
  'no permission to list the zone': {
    arrange: () => account.aws.identity.deny('route53:ListResourceRecordSets'),
    line: /zone-forbidden: could not list zone .*Allow route53:GetHostedZone and route53:ListResource/,
  },
  'a role that may not be assumed': {
    job: { from: [{ zone: ZONE, roleArn: role, externalId: 'x' }] },
    line: /role-forbidden: could not assume role arn:aws:iam::222222222222:role\/reader: .*trust policy/,
  },
  'credentials that AWS does not accept': {
    arrange: () =>
      account.faults.on(
        { service: 'route53', times: 9 },
        { refuse: { status: 403, code: 'InvalidClientTokenId', message: 'x' } },
      ),
    line: /aws-credentials: could not look up zone .*InvalidClientTokenId.*Check AWS_ACCESS_KEY_ID/,
  },
  'a page that says that more follows, but not where': {
    arrange: () =>
      account.faults.on(
        { operation: LIST, times: 9 },
        {
          status: 200,
          body: '<ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceRecordSets/><IsTruncated>true</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>',
        },
      ),
    line: /listing-inconsistent: zone .*Run again/,
  },
  'a pattern that backtracks indefinitely': {
    arrange: () => account.zone(ZONE, 'a'.repeat(60)),
    job: { select: { name: '^(([a-z])+.)+[A-Z]([a-z])+$' } },
    line: /pattern-timeout: matching 1 name took longer than \d+ ms with '.*Simplify the pattern/,
  },
  'a cluster that is not there': {
    cluster: { name: 'other' },
    line: /cluster-missing: could not describe EKS cluster other: .*Check cluster\.eks: name and region\./,
  },
  'no permission to describe the cluster': {
    arrange: () => account.aws.identity.deny('eks:DescribeCluster'),
    line: /cluster-forbidden: could not describe EKS cluster central: .*Allow eks:DescribeCluster/,
  },
  'a ConfigMap that is not there': {
    job: { to: { configMap: { ...OBJECT, name: 'prometheus-server' } } },
    arrange: () => account.kubernetes.delete('ConfigMap', 'monitoring', 'prometheus-server'),
    line: /object-missing: configmap\/monitoring\/prometheus-server does not exist\. Check namespace and name/,
  },
  'a ConfigMap that may not be read': {
    job: { to: { configMap: { ...OBJECT, name: 'other' } } },
    line: /kubernetes-forbidden: could not get configmap\/monitoring\/other: RBAC does not allow it .*Grant get and patch/,
  },
  'a key that is not there': {
    job: { to: { configMap: { ...OBJECT, key: 'prometheus.yaml' } } },
    line: /key-missing: configmap\/monitoring\/prometheus-server has no key prometheus\.yaml \(its keys: prometheus\.yml\)\. Check the key in the settings/,
  },
  'a job that is not in the document': {
    job: { job: 'federation' },
    line: /job-missing: .*"federation": it has federate, other\. Add the scrape config/,
  },
  'a job that is there twice': {
    arrange: () =>
      put({
        data: { 'prometheus.yml': 'scrape_configs: [{job_name: federate}, {job_name: federate}]' },
      }),
    line: /job-twice: .*2 scrape configs named "federate".*unique job_name/,
  },
  'a document that is not YAML': {
    arrange: () => put({ data: { 'prometheus.yml': 'password: hunter2\nscrape_configs: [' } }),
    line: /document-broken: .*line 2, column \d+.*Fix the document; nothing was written\./,
  },
  'a document that cannot be edited safely': {
    arrange: () =>
      put({
        data: {
          'prometheus.yml':
            'scrape_configs:\n  - job_name: federate\n    static_configs: &x []\n  - { job_name: other, static_configs: *x }\n',
        },
      }),
    line: /document-unsafe: .*line 3, column \d+.*Write that part of the document without/,
  },
  'an immutable ConfigMap': {
    arrange: () => put({ immutable: true }),
    line: /object-immutable: could not patch configmap\/monitoring\/prometheus-server: .*immutable: true/,
  },
};

describe('an error is one line with code and remedy, exit code 1, and nothing written', () => {
  test.each(Object.entries(cases))('%s', async (_, { arrange, job, cluster, line }) => {
    arrange?.();
    const before = stored();
    const { code, stdout, stderr } = await sync(job, cluster);
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^error: \w+: [a-z-]+: .*\n$/);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}failed/m);
    expect(stderr + stdout).not.toMatch(/^\s+at |hunter2/m);
    expect(stored()).toEqual(before);
  });
});

test('every other error is told to a person too, and --verbose tells no secrets', async () => {
  const { secretAccessKey, accessKeyId } = account.credentials;
  const quoted = `The request was ${secretAccessKey}`;
  const refusals = [
    { operation: LIST, status: 403, code: 'SignatureDoesNotMatch' },
    { operation: 'DescribeCluster', status: 403, code: 'InvalidSignatureException' },
    { operation: 'get configmaps', status: 403, code: 'Forbidden' },
    { operation: 'patch configmaps', status: 422, code: 'Invalid' },
    { operation: 'patch configmaps', status: 400, code: 'BadRequest' },
  ];
  for (const { operation, ...refuse } of refusals) {
    account.reset();
    account.faults.on({ operation, times: 9 }, { refuse: { ...refuse, message: quoted } });
    const { code, stdout, stderr } = await sync({}, {}, '--verbose');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^caused by Fault/m);
    const tokens = account.faults.calls
      .map(({ headers }) => String(headers.authorization ?? ''))
      .map((header) => header.replace(/^Bearer |^.*Signature=/, ''))
      .filter(Boolean);
    expect(tokens.length).toBeGreaterThan(0);
    for (const secret of [secretAccessKey, accessKeyId, ...tokens]) {
      expect(stdout + stderr).not.toContain(secret);
    }
  }
});

describe('an object', () => {
  const annotate = (annotations: object) =>
    put({ metadata: { name: OBJECT.name, namespace: OBJECT.namespace, annotations } });

  test('that is paused is left alone, and the answer says so', async () => {
    annotate({ 'route53-federation-sync/paused': 'true' });
    const { code, stdout, stderr } = await sync();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(
      'paused: the object is annotated route53-federation-sync/paused; remove that to resume',
    );
    expect(account.list('federate')).toEqual(['a.internal']);
  });

  test('met for the first time loses nothing, and the way to keep or to let go is printed', async () => {
    annotate({});
    account.zone(ZONE, 'b');
    const { code, stderr } = await sync();
    expect(code).toBe(3);
    expect(
      stderr,
    ).toBe(`error: federate: guard-adopt: the first run on this list would remove a.internal. Keep them with the also: block, or remove them: guard.adopt: replace, or federation-sync sync --job federate --force
  also:
    - targets:
        - a.internal.
      labels:
        clusterID: a
`);
    expect(account.list('federate')).toEqual(['a.internal', 'b.internal']);
    expect(await sync({}, {}, '--job', 'federate', '--force')).toMatchObject({ code: 0 });
    expect(account.list('federate')).toEqual(['b.internal']);
    expect(stored()?.metadata.annotations).toEqual({
      'route53-federation-sync/managed': 'federate',
      'route53-federation-sync/gone': expect.stringContaining('"a.internal":'),
    });
  });

  test('that others change at the same time keeps their changes', async () => {
    account.faults.before({ operation: 'patch configmaps' }, () => {
      put({ data: { ...(stored() as { data?: object }).data, alerts: 'somebody else' } });
      account.zone(ZONE, 'a', 'c');
    });
    expect(await sync()).toMatchObject({ code: 0, stderr: '' });
    expect(account.list('federate')).toEqual(['a.internal', 'c.internal']);
    expect(stored()).toMatchObject({ data: { alerts: 'somebody else' } });
  });
});
