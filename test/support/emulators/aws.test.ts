import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { GetHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Aws, startAws } from './aws.ts';
import { cname, listAll } from './record-sets.ts';

const READER = 'arn:aws:iam::123456789012:role/zone-reader';
const OPERATOR = 'arn:aws:iam::123456789012:user/operator';
const KEY = { accessKeyId: 'AKIAOPERATOR', secretAccessKey: 'secret' };

let aws: Aws;

beforeEach(async () => {
  aws = await startAws();
  aws.identity.addKey({ ...KEY, arn: OPERATOR });
});
afterEach(() => aws.close());

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
const options = (credentials: Credentials = KEY) => ({
  endpoint: aws.url,
  region: 'eu-west-1',
  credentials,
  maxAttempts: 1,
});
const sts = (credentials?: Credentials) => new STSClient(options(credentials));
const eks = (credentials?: Credentials) => new EKSClient(options(credentials));
const route53 = (credentials?: Credentials) => new Route53Client(options(credentials));

const assumed = async (input: Partial<AssumeRoleCommand['input']> = {}): Promise<Credentials> => {
  const { Credentials: given } = await sts().send(
    new AssumeRoleCommand({ RoleArn: READER, RoleSessionName: 'sync', ...input }),
  );
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  };
};

describe('credentials', () => {
  const zone = () => aws.route53.createZone({ name: 'x.internal' });

  test('GetCallerIdentity names whose they are', async () => {
    expect(await sts().send(new GetCallerIdentityCommand())).toMatchObject({
      Arn: OPERATOR,
      Account: '123456789012',
    });
  });

  test('a request without a signature is refused', async () => {
    const response = await fetch(`${aws.url}/2013-04-01/hostedzone/Z1/rrset`);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });

  test('a wrong secret is SignatureDoesNotMatch', async () => {
    const wrong = { ...KEY, secretAccessKey: 'wrong' };
    const asked = route53(wrong).send(new GetHostedZoneCommand({ Id: zone() }));
    await expect(asked).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    const described = eks(wrong).send(new DescribeClusterCommand({ name: 'central' }));
    await expect(described).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  test('a signature of long ago is refused', async () => {
    aws.identity.now = () => Date.now() + 6 * 60_000;
    await expect(sts().send(new GetCallerIdentityCommand())).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      message: expect.stringMatching(/^Signature expired: \d{8}T\d{6}Z is now earlier than /),
    });
  });

  test('expired credentials are ExpiredToken', async () => {
    aws.identity.expire(KEY.accessKeyId);
    await expect(listAll(route53(), zone())).rejects.toMatchObject({ name: 'ExpiredToken' });
    await expect(eks().send(new DescribeClusterCommand({ name: 'central' }))).rejects.toMatchObject(
      { name: 'ExpiredTokenException' },
    );
  });

  test('an unregistered access key is a user of its own, unless the account is strict', async () => {
    const stranger = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'any' };
    const identity = await sts(stranger).send(new GetCallerIdentityCommand());
    expect(identity.Arn).toBe('arn:aws:iam::123456789012:user/AKIASTRANGER');
    aws.identity.strict = true;
    await expect(sts(stranger).send(new GetCallerIdentityCommand())).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });
});

describe('roles', () => {
  beforeEach(() => aws.identity.addRole({ arn: READER, externalId: 'prometheus-7' }));

  test('AssumeRole wants the external id of the trust policy', async () => {
    const refused = {
      name: 'AccessDenied',
      message: `User: ${OPERATOR} is not authorized to perform: sts:AssumeRole on resource: ${READER}`,
      $metadata: { httpStatusCode: 403 },
    };
    await expect(assumed()).rejects.toMatchObject(refused);
    await expect(assumed({ ExternalId: 'prometheus-8' })).rejects.toMatchObject(refused);
    const credentials = await assumed({ ExternalId: 'prometheus-7' });
    const { Arn } = await sts(credentials).send(new GetCallerIdentityCommand());
    expect(Arn).toBe('arn:aws:sts::123456789012:assumed-role/zone-reader/sync');
  });

  test('a role that trusts others, or is not there, is not assumed', async () => {
    aws.identity.addRole({ arn: READER, trusts: ['arn:aws:iam::999999999999:root'] });
    await expect(assumed()).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assumed({ RoleArn: `${READER}-2` })).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('a zone can be readable by one role only', async () => {
    const id = aws.route53.createZone({ name: 'x.internal', readableBy: [READER] });
    aws.route53.upsert(id, [cname('a.x.internal')]);
    await expect(listAll(route53(), id)).rejects.toMatchObject({ name: 'AccessDenied' });
    const credentials = await assumed({ ExternalId: 'prometheus-7' });
    expect((await listAll(route53(credentials), id)).records).toHaveLength(3);
    const last = aws.faults.calls.at(-1);
    expect(last).toMatchObject({
      service: 'route53',
      operation: 'ListResourceRecordSets',
      accessKeyId: credentials.accessKeyId,
      status: 200,
    });
  });

  test("another account's zone is read with a role of that account", async () => {
    const arn = 'arn:aws:iam::210987654321:role/zone-reader';
    aws.identity.addRole({ arn });
    const id = aws.route53.createZone({ name: 'x.internal', account: '210987654321' });
    await expect(listAll(route53(), id)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${OPERATOR} is not authorized to access this resource`,
    });
    expect((await listAll(route53(await assumed({ RoleArn: arn })), id)).records).toHaveLength(2);
  });

  test('temporary credentials are nothing without their session token', async () => {
    const { accessKeyId, secretAccessKey } = await assumed({ ExternalId: 'prometheus-7' });
    const half = sts({ accessKeyId, secretAccessKey });
    await expect(half.send(new GetCallerIdentityCommand())).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });
});

describe('policies', () => {
  test('a principal with a policy may do what it allows, and nothing else', async () => {
    const mine = aws.route53.createZone({ id: 'ZMINE', name: 'x.internal' });
    const other = aws.route53.createZone({ id: 'ZOTHER', name: 'y.internal' });
    aws.identity.attach(OPERATOR, {
      Statement: {
        Effect: 'Allow',
        Action: ['route53:ListResourceRecordSets', 'route53:GetHostedZone'],
        Resource: 'arn:aws:route53:::hostedzone/ZMINE',
      },
    });
    expect((await listAll(route53(), mine)).records).toHaveLength(2);
    await expect(listAll(route53(), other)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${OPERATOR} is not authorized to perform: route53:ListResourceRecordSets on resource: arn:aws:route53:::hostedzone/ZOTHER because no identity-based policy allows the route53:ListResourceRecordSets action`,
    });
    await expect(eks().send(new DescribeClusterCommand({ name: 'central' }))).rejects.toMatchObject(
      { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } },
    );
  });

  test('one action can be denied to everybody', async () => {
    const id = aws.route53.createZone({ name: 'x.internal' });
    aws.identity.deny('route53:GetHostedZone');
    await expect(route53().send(new GetHostedZoneCommand({ Id: id }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    expect((await listAll(route53(), id)).records).toHaveLength(2);
  });
});

describe('EKS', () => {
  test('DescribeCluster gives endpoint and authority', async () => {
    aws.eks.putCluster({
      name: 'central',
      endpoint: 'https://127.0.0.1:6443',
      certificateAuthority: '-----BEGIN CERTIFICATE-----',
    });
    const { cluster } = await eks().send(new DescribeClusterCommand({ name: 'central' }));
    expect(cluster).toMatchObject({
      name: 'central',
      status: 'ACTIVE',
      endpoint: 'https://127.0.0.1:6443',
      certificateAuthority: {
        data: Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64'),
      },
      arn: 'arn:aws:eks:eu-west-1:123456789012:cluster/central',
    });
  });

  test('a cluster that is being created has no endpoint yet', async () => {
    aws.eks.putCluster({ name: 'central', endpoint: 'https://x', status: 'CREATING' });
    const { cluster } = await eks().send(new DescribeClusterCommand({ name: 'central' }));
    expect(cluster?.status).toBe('CREATING');
    expect(cluster?.endpoint).toBeUndefined();
  });

  test('a cluster of another name or Region is not found', async () => {
    aws.eks.putCluster({ name: 'central', region: 'us-east-1' });
    for (const name of ['central', 'centre']) {
      await expect(eks().send(new DescribeClusterCommand({ name }))).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: `No cluster found for name: ${name}.`,
      });
    }
  });
});
