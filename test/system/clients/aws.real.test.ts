import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { describeWith } from '../../support/parts/available.ts';
import { aws } from '../../support/parts/aws.ts';
import { findAws } from '../../support/parts/found.ts';
import { kubectl } from '../../support/parts/kubeconfig.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';

/* The emulators of Route 53, STS and EKS, judged by a client that nobody here wrote: the AWS CLI. */

interface RecordSet {
  Name: string;
  Type: string;
  SetIdentifier?: string;
}
interface Listing {
  ResourceRecordSets: RecordSet[];
  NextToken?: string;
}

const zone = { Name: 'prometheus.internal', CallerReference: 'one' };
const record = (Name: string, more: object = {}) => ({
  Name,
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value: '10.0.0.1' }],
  ...more,
});
const batch = (Action: string, ...sets: object[]) =>
  JSON.stringify({ Changes: sets.map((ResourceRecordSet) => ({ Action, ResourceRecordSet })) });

describeWith('aws', 'the AWS CLI works with the emulators', () => {
  let emulators: Emulators;
  let folder: string;
  let id: string;

  const run = (command: string, ...more: string[]) =>
    aws([...command.split(' '), ...more], emulators.env);
  async function json<T>(command: string, ...more: string[]): Promise<T> {
    return JSON.parse(await run(command, ...more)) as T;
  }
  const list = (...more: string[]) =>
    json<Listing>(`route53 list-resource-record-sets --hosted-zone-id ${id}`, ...more);
  const change = (changes: string) =>
    json<{ ChangeInfo: { Id: string; Status: string } }>(
      `route53 change-resource-record-sets --hosted-zone-id ${id} --change-batch`,
      changes,
    );

  beforeAll(async () => {
    folder = temporaryFolder('aws');
    emulators = await startEmulators();
    const created = await json<{ HostedZone: { Id: string } }>(
      `route53 create-hosted-zone --name ${zone.Name} --caller-reference ${zone.CallerReference}`,
      '--vpc=VPCRegion=eu-west-1,VPCId=vpc-0a1b2c3d4e5f60718',
      '--hosted-zone-config=Comment=leaves,PrivateZone=true',
    );
    id = created.HostedZone.Id.replace('/hostedzone/', '');
  });
  afterAll(async () => {
    await emulators?.close();
    removeFolder(folder);
  });

  test('a private zone is created, found by its id and by its name', async () => {
    expect(await json('route53 get-hosted-zone --id', id)).toMatchObject({
      HostedZone: {
        Id: `/hostedzone/${id}`,
        Name: 'prometheus.internal.',
        Config: { Comment: 'leaves', PrivateZone: true },
        ResourceRecordSetCount: 2,
      },
      VPCs: [{ VPCRegion: 'eu-west-1', VPCId: 'vpc-0a1b2c3d4e5f60718' }],
    });
    expect(await json('route53 list-hosted-zones-by-name --dns-name', zone.Name)).toMatchObject({
      HostedZones: [{ Id: `/hostedzone/${id}` }],
      IsTruncated: false,
    });
  });

  test('record sets are changed, and listed as Route 53 writes and orders them', async () => {
    const weighted = (SetIdentifier: string) =>
      record('b.prometheus.internal', { SetIdentifier, Weight: 1 });
    const AliasTarget = {
      HostedZoneId: 'Z32O12XQLNTSW2',
      DNSName: 'internal-k8s-prometheus-1234567890.eu-west-1.elb.amazonaws.com',
      EvaluateTargetHealth: true,
    };
    const alias = { Name: 'A.prometheus.internal', Type: 'A', AliasTarget };
    const wild = record('*.prometheus.internal.');
    const { ChangeInfo } = await change(
      batch('CREATE', weighted('two'), weighted('one'), alias, wild),
    );
    expect(await json('route53 get-change --id', ChangeInfo.Id)).toMatchObject({
      ChangeInfo: { Status: 'INSYNC' },
    });
    const { ResourceRecordSets } = await list();
    expect(ResourceRecordSets).toMatchObject([
      { Name: 'prometheus.internal.', Type: 'NS' },
      { Name: 'prometheus.internal.', Type: 'SOA' },
      { Name: '\\052.prometheus.internal.', TTL: 60, ResourceRecords: [{ Value: '10.0.0.1' }] },
      { Name: 'a.prometheus.internal.', AliasTarget: { DNSName: `${AliasTarget.DNSName}.` } },
      { Name: 'b.prometheus.internal.', SetIdentifier: 'one', Weight: 1 },
      { Name: 'b.prometheus.internal.', SetIdentifier: 'two', Weight: 1 },
    ]);
    await change(batch('DELETE', wild));
    expect((await list()).ResourceRecordSets).toHaveLength(5);
  });

  test('a long listing comes in pages, whichever way it is cut', async () => {
    const identifiers = Array.from({ length: 120 }, (_, i) => String(i).padStart(3, '0'));
    const many = identifiers.map((SetIdentifier) =>
      record('many.prometheus.internal', { SetIdentifier, Weight: 1 }),
    );
    await change(batch('UPSERT', ...many));
    const inPages = (listing: Listing) =>
      listing.ResourceRecordSets.filter(({ Name }) => Name.startsWith('many.'));
    const whole = inPages(await list());
    expect(whole.map(({ SetIdentifier }) => SetIdentifier)).toEqual(identifiers);
    emulators.faults.clear();
    expect(inPages(await list('--page-size', '50'))).toEqual(whole);
    const cursors = emulators.faults.of('ListResourceRecordSets').map(({ path }) => path);
    expect(cursors).toHaveLength(3);
    expect(cursors[1]).toContain('identifier=');

    const first = await list('--max-items', '60');
    expect(first.ResourceRecordSets).toHaveLength(60);
    const rest = await list('--starting-token', first.NextToken ?? '');
    expect([...inPages(first), ...inPages(rest)]).toEqual(whole);
    expect(rest).not.toHaveProperty('NextToken');
  });

  test.concurrent.each([
    ['a zone that is not there', 'get-hosted-zone --id Z0NOTHERE', 'NoSuchHostedZone'],
    [
      'a name outside the zone',
      `change-resource-record-sets --hosted-zone-id ZONE --change-batch ${batch('CREATE', record('a.example.com'))}`,
      'InvalidChangeBatch',
    ],
    [
      'a deletion of what is not there',
      `change-resource-record-sets --hosted-zone-id ZONE --change-batch ${batch('DELETE', record('c.prometheus.internal'))}`,
      'InvalidChangeBatch',
    ],
    [
      'a type without a name to start from',
      'list-resource-record-sets --hosted-zone-id ZONE --start-record-type A',
      'InvalidInput',
    ],
    ['a zone that is not empty', 'delete-hosted-zone --id ZONE', 'HostedZoneNotEmpty'],
  ])('%s is refused in AWS’s words', async (_, command, code) => {
    await expect(run(`route53 ${command.replace('ZONE', id)}`)).rejects.toThrow(
      `An error occurred (${code})`,
    );
  });

  test('what a policy denies is denied', async () => {
    emulators.aws.identity.deny('route53:ListResourceRecordSets');
    await expect(list()).rejects.toThrow(
      /An error occurred \(AccessDenied\).*not authorized to perform: route53:ListResourceRecordSets/,
    );
    emulators.aws.identity.allowAgain();
  });

  test('STS knows the caller, and lends a role', async () => {
    const { arn } = emulators.credentials;
    expect(await json('sts get-caller-identity')).toMatchObject({
      Account: '123456789012',
      Arn: arn,
    });
    const role = 'arn:aws:iam::123456789012:role/reader';
    emulators.aws.identity.addRole({ arn: role, externalId: 'sesame' });
    const assume = `sts assume-role --role-arn ${role} --role-session-name test`;
    await expect(run(assume)).rejects.toThrow('An error occurred (AccessDenied)');
    const { Credentials } = await json<{ Credentials: Record<string, string> }>(
      `${assume} --external-id sesame`,
    );
    const session = {
      ...emulators.env,
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials.SessionToken,
    };
    expect(await aws(['sts', 'get-caller-identity'], session)).toContain(
      'arn:aws:sts::123456789012:assumed-role/reader/test',
    );
  });

  describeWith('kubectl', 'with EKS', () => {
    test('update-kubeconfig describes the cluster; its token opens it for kubectl', async () => {
      const { cluster, env, credentials } = emulators;
      expect(await json(`eks describe-cluster --name ${cluster}`)).toMatchObject({
        cluster: { name: cluster, status: 'ACTIVE', endpoint: emulators.kubernetes.url },
      });
      await expect(run('eks describe-cluster --name other')).rejects.toThrow(
        'An error occurred (ResourceNotFoundException)',
      );
      const file = join(folder, 'kubeconfig');
      await run(`eks update-kubeconfig --name ${cluster} --kubeconfig ${file}`);
      // get-token would presign for the endpoint in the environment, and clusters take STS's own host only.
      const { AWS_ENDPOINT_URL: _, ...own } = env;
      const PATH = `${dirname(findAws()!)}${delimiter}${process.env.PATH}`;
      const options = { env: { ...own, PATH, KUBECACHEDIR: join(folder, 'cache') } };
      // --raw, since the emulator has no discovery; the refusal names the user.
      const list = ['get', '--raw', '/api/v1/namespaces/default/configmaps'];
      const listed = () => kubectl(file, list, options);
      await expect(listed()).rejects.toThrow('Unauthorized');
      expect(emulators.tokenErrors.at(-1)).toContain('has no access entry');
      emulators.addAccessEntry(credentials.arn, { groups: ['syncers'], name: 'operator' });
      await expect(listed()).rejects.toThrow('User "operator" cannot list resource');
    });
  });
});
