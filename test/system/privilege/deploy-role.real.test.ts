import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handlerPermissions, notNeeded } from '../infra/handler-permissions.ts';
import { account } from '../infra/intrinsics.ts';
import { createService, type Service, settingsOfTwoAccounts } from '../infra/service.ts';
import { deployRole, region } from './deploy-role.ts';
import { allows, type Policy, type Request } from './policy-evaluation.ts';
import { type Physical, physical, requestsFor } from './requests.ts';

// The deployment role against the packaged template: enough for its stage, nothing for another one.

const everyResource = [
  ...['--param=subnets=subnet-0a1b2c3d', '--param=securityGroups=sg-0a1b2c3d'],
  '--param=email=ops@example.com',
];
const stages = ['prod', 'prod-eu'] as const;
const packaged = {} as Record<(typeof stages)[number], Physical[]>;
let service: Service;

beforeAll(async () => {
  service = await createService(settingsOfTwoAccounts);
  for (const stage of stages) {
    // Each stage has readers of its own.
    const settings = settingsOfTwoAccounts.replace('-prod-reader-', `-${stage}-reader-`);
    writeFileSync(join(service.folder, 'federation-sync.yml'), settings);
    const webhook = `--param=webhook={{resolve:secretsmanager:federation-sync-${stage}/webhook}}`;
    const args = ['--stage', stage, '--region', region, webhook, ...everyResource];
    const { template } = await service.package(args);
    packaged[stage] = physical(template, `federation-sync-${stage}`, region);
  }
}, 120_000);
afterAll(() => service.remove());

const text = ({ action, resource }: Request) => `${action} on ${resource}`;
const unneeded = ({ type }: Physical) => Object.keys(notNeeded[type] ?? {});

describe.each(stages)('the deployment role of stage %s', (stage) => {
  const role = deployRole({ Stage: stage });

  test('has each permission that CloudFormation needs for the template, except those with a reason', () => {
    const missing = packaged[stage].flatMap((resource) =>
      requestsFor(resource, packaged[stage])
        .filter(({ action }) => !unneeded(resource).includes(action))
        .filter((request) => !role.allows(request))
        .map((request) => `${resource.id}: ${text(request)}`),
    );
    expect(missing).toEqual([]);
  });

  test('has none of those that a reason excludes', () => {
    const superfluous = packaged[stage].flatMap((resource) =>
      requestsFor(resource, packaged[stage])
        .filter(({ action }) => unneeded(resource).includes(action))
        .filter((request) => role.allows(request))
        .map((request) => `${resource.id}: ${text(request)}`),
    );
    expect(superfluous).toEqual([]);
  });

  test('has nothing of the other stage except what has no name in its ARN', () => {
    const other = stages.find((one) => one !== stage)!;
    const reached = packaged[other]
      .flatMap((resource) => requestsFor(resource, packaged[other]))
      .filter((request) => role.allows(request));
    expect([...new Set(reached.map(text))].sort()).toEqual([
      // Reads.
      'cloudwatch:DescribeAlarms on *',
      'ec2:DescribeNetworkInterfaces on *',
      'ec2:DescribeSecurityGroups on *',
      'ec2:DescribeSubnets on *',
      'ec2:DescribeVpcs on *',
      'events:DescribeEventBus on *',
      // The bus is one for the account and Region; only through CloudFormation.
      'events:PutPermission on *',
      'events:RemovePermission on *',
      // Nothing to give away: the service's own role, which exists once in the account.
      `iam:CreateServiceLinkedRole on arn:aws:iam::${account}:role/aws-service-role/apidestinations.events.amazonaws.com/AWSServiceRoleForAmazonEventBridgeApiDestinations`,
      // The ARN has an id instead of a name; only reading and tags.
      ...['GetEventSourceMapping', 'ListTags', 'TagResource', 'UntagResource'].map(
        (action) =>
          `lambda:${action} on arn:aws:lambda:${region}:${account}:event-source-mapping:6f1d5a1e-0000-4000-8000-000000000000`,
      ),
      'logs:DescribeLogGroups on *',
      'sns:GetSubscriptionAttributes on *',
      // Only through CloudFormation.
      'sns:SetSubscriptionAttributes on *',
      'sns:Unsubscribe on *',
    ]);
  });

  // The calls of osls 4.3.1 (lib/plugins/aws) for deploy, deploy list, rollback, invoke, info and remove, and those of
  // the smoke test and of an operator after a failed update.
  test('has what osls calls itself', () => {
    const of = (kind: string, resource: string) =>
      `arn:aws:${kind}:${region}:${account}:${resource}`;
    const { arn: bucket } = packaged[stage].find(({ type }) => type === 'AWS::S3::Bucket')!;
    const calls: Record<string, [resource: string, actions: string]> = {
      cloudformation: [
        of('cloudformation', `stack/federation-sync-${stage}/6f1d5a1e`),
        'CreateStack UpdateStack DeleteStack ContinueUpdateRollback DescribeStacks DescribeStackEvents DescribeStackResource DescribeStackResources ListStackResources GetTemplate TagResource',
      ],
      s3: [bucket, 'ListBucket ListBucketVersions GetBucketLocation'],
      lambda: [
        of('lambda', `function:federation-sync-${stage}`),
        'GetFunction ListVersionsByFunction UpdateFunctionCode UpdateFunctionConfiguration InvokeFunction',
      ],
    };
    const requests = Object.entries(calls).flatMap(([kind, [resource, actions]]) =>
      actions.split(' ').map((action) => ({ action: `${kind}:${action}`, resource })),
    );
    for (const action of ['GetObject', 'PutObject', 'DeleteObject', 'DeleteObjectVersion'])
      requests.push({ action: `s3:${action}`, resource: `${bucket}/serverless/a.zip` });
    requests.push({ action: 'cloudformation:ValidateTemplate', resource: '*' });
    expect(requests.filter((request) => !role.allows(request)).map(text)).toEqual([]);
  });

  test('lets CloudFormation read the webhook, which its stage alone has', () => {
    const read = (name: string) =>
      role.allows({
        action: 'secretsmanager:GetSecretValue',
        resource: `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`,
      });
    const destination = packaged[stage].find(({ id }) => id === 'WebhookDestination')!;
    const [, name] = /secretsmanager:(.*)\}\}/.exec(destination.properties.InvocationEndpoint)!;
    expect(read(name!)).toBe(true);
    for (const other of stages.filter((one) => one !== stage))
      expect(read(`federation-sync-${other}/webhook`)).toBe(false);
  });

  test('is bound to the boundary that the roles of the template carry', () => {
    expect(role.boundaryArn).toBe(`arn:aws:iam::${account}:policy/${role.boundaryName}`);
    const roles = packaged[stage].filter(({ type }) => type === 'AWS::IAM::Role');
    expect(roles.map(({ id }) => id).sort()).toEqual(['SyncRole', 'WebhookRole']);
    for (const { properties } of roles)
      expect(properties.PermissionsBoundary).toBe(role.boundaryArn);
  });

  test('leaves the roles of the template all that they need, within the boundary', () => {
    const lost = packaged[stage]
      .filter(({ type }) => type === 'AWS::IAM::Role')
      .flatMap(({ id, properties }) => {
        const policies: Policy[] = properties.Policies.map(
          ({ PolicyDocument }: { PolicyDocument: Policy }) => PolicyDocument,
        );
        return policies
          .flatMap(({ Statement }) => Statement)
          .filter(({ Effect }) => Effect === 'Allow')
          .flatMap(({ Action, Resource }) =>
            [Action!].flat().flatMap((action) =>
              [Resource!].flat().map((resource) => ({
                action: action as string,
                // Any log stream.
                resource: (resource as string).replace(/:\*$/, ':log-stream:a'),
              })),
            ),
          )
          .filter((request) => !allows(policies, request, role.boundary))
          .map((request) => `${id}: ${text(request)}`);
      });
    expect(lost).toEqual([]);
  });
});

test('the table has the permissions of each type of the template, and no exception that is not in it', () => {
  const types = new Set(packaged.prod.map(({ type }) => type));
  expect(Object.keys(handlerPermissions).sort()).toEqual([...types].sort());
  for (const [type, reasons] of Object.entries(notNeeded))
    for (const action of Object.keys(reasons))
      expect(handlerPermissions[type], `${type} ${action}`).toContain(action);
});
