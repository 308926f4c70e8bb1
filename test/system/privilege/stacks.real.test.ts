import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { findAws } from '../../support/parts/found.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { createService, type Service, settingsOfTwoAccounts } from '../infra/service.ts';

const templates = join(import.meta.dirname, '../../../infra/aws');
const account = '123456789012';
const region = 'eu-west-1';

/** The stacks of infra/aws that the other tests evaluate, as moto's CloudFormation resolves them. */
describeWith(['moto', 'aws'], 'the stacks of roles', () => {
  let moto: Moto;
  let service: Service;
  beforeAll(async () => {
    moto = await startMoto();
    service = await createService(settingsOfTwoAccounts);
  });
  afterAll(async () => {
    service.remove();
    await moto.stop();
  });

  async function aws<T>(args: readonly string[]): Promise<T> {
    const options = ['--region', region, '--output', 'json', '--endpoint-url', moto.endpoint];
    const { stdout } = await promisify(execFile)(findAws()!, [...args, ...options], {
      env: { ...process.env, ...moto.env },
    });
    // `cloudformation deploy` prints its progress instead.
    return (stdout.trim().startsWith('{') ? JSON.parse(stdout) : undefined) as T;
  }
  const deploy = (name: string, parameters: readonly string[]) =>
    aws([
      ...['cloudformation', 'deploy', '--stack-name', name.replace('deploy-role', 'deploy')],
      ...['--template-file', join(templates, `${name}.yml`)],
      ...['--capabilities', 'CAPABILITY_NAMED_IAM', '--parameter-overrides', ...parameters],
    ]);
  const role = async (name: string) => {
    const answer = await aws<{
      Role: {
        RoleId: string;
        AssumeRolePolicyDocument: { Statement: { Condition?: unknown }[] };
        PermissionsBoundary?: { PermissionsBoundaryArn: string };
      };
    }>(['iam', 'get-role', '--role-name', name]);
    return answer.Role;
  };

  test('the deployment role trusts both subjects, and its stack creates the boundary', async () => {
    const provider = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;
    await deploy('deploy-role', [
      ...['Repository=octo-org/octo-repo', 'RepositoryId=456789', 'RepositoryOwnerId=123456'],
      `Provider=${provider}`,
    ]);
    const { AssumeRolePolicyDocument } = await role(`deploy-federation-sync-prod-${region}`);
    expect(AssumeRolePolicyDocument.Statement).toMatchObject([
      {
        Principal: { Federated: provider },
        Condition: {
          StringEquals: {
            'token.actions.githubusercontent.com:repository_id': '456789',
            'token.actions.githubusercontent.com:repository_owner_id': '123456',
            'token.actions.githubusercontent.com:sub': [
              'repo:octo-org@123456/octo-repo@456789:environment:production',
              'repo:octo-org/octo-repo:environment:production',
            ],
          },
        },
      },
    ]);
    const policies = await aws<{ Policies: { Arn: string }[] }>([
      ...['iam', 'list-policies', '--scope', 'Local'],
    ]);
    expect(policies.Policies.map(({ Arn }) => Arn)).toEqual([
      `arn:aws:iam::${account}:policy/federation-sync-prod-${region}-boundary`,
    ]);
  });

  test('the function’s role carries the boundary, and can be removed and deployed again', async () => {
    const name = `federation-sync-prod-${region}`;
    const osls = (command: string) => service.osls([command, '--region', region], moto.env);
    await osls('deploy');
    const first = await role(name);
    expect(first.PermissionsBoundary?.PermissionsBoundaryArn).toBe(
      `arn:aws:iam::${account}:policy/${name}-boundary`,
    );
    await osls('remove');
    await expect(role(name)).rejects.toThrow(/NoSuchEntity/);
    await osls('deploy');
    const second = await role(name);
    expect(second.PermissionsBoundary).toEqual(first.PermissionsBoundary);
    // Why a trust policy and an access entry must not depend on the unique id.
    expect(second.RoleId).not.toBe(first.RoleId);
  }, 120_000);

  test('an account that only has clusters gets a role that lists them, and nothing that forwards', async () => {
    await deploy('other-account', [
      ...['HomeAccount=111111111111', `HomeRegion=${region}`, 'ListClusters=yes'],
      `SyncRoleArn=arn:aws:iam::111111111111:role/federation-sync-prod-${region}`,
    ]);
    const name = `federation-sync-prod-reader-111111111111-${region}`;
    const { PolicyNames } = await aws<{ PolicyNames: string[] }>([
      ...['iam', 'list-role-policies', '--role-name', name],
    ]);
    expect(PolicyNames).toEqual(['clusters']);
    const { StackResources } = await aws<{ StackResources: { LogicalResourceId?: string }[] }>([
      ...['cloudformation', 'describe-stack-resources', '--stack-name', 'other-account'],
    ]);
    // moto lists a resource whose condition is false as one without a name.
    const created = StackResources.flatMap((it) => it.LogicalResourceId ?? []);
    expect(created.sort()).toEqual(['ListEksClusters', 'ReaderRole']);
  });

  test('the CronJob’s role trusts one service account, by IRSA too', async () => {
    const issuer = 'oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE';
    await deploy('pod-role', ['Cluster=central', 'Zones=Z1,Z2', `OidcProvider=${issuer}`]);
    const { AssumeRolePolicyDocument } = await role(`federation-sync-prod-${region}-pod`);
    expect(AssumeRolePolicyDocument.Statement[0]!.Condition).toEqual({
      StringEquals: {
        [`${issuer}:aud`]: 'sts.amazonaws.com',
        [`${issuer}:sub`]: 'system:serviceaccount:monitoring:federation-sync',
      },
    });
  });
});
