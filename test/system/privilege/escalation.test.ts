import { describe, expect, test } from 'vitest';
import { account } from '../infra/intrinsics.ts';
import { deployRole, region } from './deploy-role.ts';
import { allows, type Policy, type Request } from './policy-evaluation.ts';

// Anyone who controls the pipeline has the deployment role. It must not be a way to more: to become administrator, to
// reach another stage, or to keep access.

const prod = deployRole();
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;
const of = (service: string, resource: string, where = region) =>
  `arn:aws:${service}:${where}:${account}:${resource}`;
const ours = iam(`role/federation-sync-prod-${region}`);
const foreign = iam('role/administrator');
const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
const bounded = { 'iam:PermissionsBoundary': prod.boundaryArn };
const unbounded = {};
const boundedByAdmin = { 'iam:PermissionsBoundary': admin };
const toLambda = { 'iam:PassedToService': 'lambda.amazonaws.com' };

type Path = readonly [what: string, action: string, resource: string, context?: Request['context']];
const table = (paths: readonly Path[]) =>
  paths.map(([what, action, resource, context]) => ({
    what,
    request: { action, resource, ...(context && { context }) },
  }));

const becomeAdministrator: Path[] = [
  ['create a role without a boundary', 'iam:CreateRole', ours, unbounded],
  ['create a role with another boundary', 'iam:CreateRole', ours, boundedByAdmin],
  ['create a role of any other name', 'iam:CreateRole', iam('role/mine'), bounded],
  ['put a policy on a role without a boundary', 'iam:PutRolePolicy', ours, unbounded],
  ['put a policy on a role with another boundary', 'iam:PutRolePolicy', ours, boundedByAdmin],
  ['put a policy on a foreign role', 'iam:PutRolePolicy', foreign, bounded],
  [
    'attach AdministratorAccess',
    'iam:AttachRolePolicy',
    ours,
    { ...bounded, 'iam:PolicyARN': admin },
  ],
  ['attach a managed policy of its own', 'iam:CreatePolicy', iam('policy/mine')],
  ['remove the boundary', 'iam:DeleteRolePermissionsBoundary', ours, bounded],
  ['replace the boundary', 'iam:PutRolePermissionsBoundary', ours, boundedByAdmin],
  ['set a boundary on a foreign role', 'iam:PutRolePermissionsBoundary', foreign, bounded],
  ['widen the boundary', 'iam:CreatePolicyVersion', prod.boundaryArn],
  ['go back to a wider boundary', 'iam:SetDefaultPolicyVersion', prod.boundaryArn],
  ['delete a version of the boundary', 'iam:DeletePolicyVersion', prod.boundaryArn],
  ['delete the boundary', 'iam:DeletePolicy', prod.boundaryArn],
  ['tag the boundary', 'iam:TagPolicy', prod.boundaryArn],
  ['put a policy on its own role', 'iam:PutRolePolicy', prod.arn, unbounded],
  [
    'put a policy on its own role, once it has the boundary',
    'iam:PutRolePolicy',
    prod.arn,
    bounded,
  ],
  ['delete the policy of a role without the boundary', 'iam:DeleteRolePolicy', ours],
  ['attach a policy to its own role', 'iam:AttachRolePolicy', prod.arn],
  ['bound its own role', 'iam:PutRolePermissionsBoundary', prod.arn, bounded],
  ['delete the policy of its own role', 'iam:DeleteRolePolicy', prod.arn, bounded],
  ['delete its own role', 'iam:DeleteRole', prod.arn],
  ['lengthen its own sessions', 'iam:UpdateRole', prod.arn],
  ['change who may assume its own role', 'iam:UpdateAssumeRolePolicy', prod.arn, bounded],
  ['change who may assume a foreign role', 'iam:UpdateAssumeRolePolicy', foreign, bounded],
  ['change who may assume a role without the boundary', 'iam:UpdateAssumeRolePolicy', ours],
  ['assume a foreign role', 'sts:AssumeRole', foreign],
  ['assume the function’s role', 'sts:AssumeRole', ours],
  ['pass a foreign role to the function', 'iam:PassRole', foreign, toLambda],
  ['pass its own role to the function', 'iam:PassRole', prod.arn, toLambda],
  [
    'pass a role to CloudFormation',
    'iam:PassRole',
    foreign,
    { 'iam:PassedToService': 'cloudformation.amazonaws.com' },
  ],
  [
    'pass the function’s role to an instance',
    'iam:PassRole',
    ours,
    { 'iam:PassedToService': 'ec2.amazonaws.com' },
  ],
  ['pass the webhook’s role to the function', 'iam:PassRole', `${ours}-webhook`, toLambda],
  [
    'create another service-linked role',
    'iam:CreateServiceLinkedRole',
    iam('role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS'),
    { 'iam:AWSServiceName': 'eks.amazonaws.com' },
  ],
  ['create a user', 'iam:CreateUser', iam('user/me'), bounded],
  ['create an access key', 'iam:CreateAccessKey', iam('user/administrator')],
  ['add a user to a group', 'iam:AddUserToGroup', iam('group/administrators')],
  [
    'trust another identity provider',
    'iam:CreateOpenIDConnectProvider',
    iam('oidc-provider/idp.example.com'),
  ],
  [
    'accept tokens for another audience',
    'iam:AddClientIDToOpenIDConnectProvider',
    iam('oidc-provider/token.actions.githubusercontent.com'),
  ],
  [
    'create a stack of another name',
    'cloudformation:CreateStack',
    of('cloudformation', 'stack/mine/1'),
  ],
  [
    'update the stack of its own role',
    'cloudformation:UpdateStack',
    of('cloudformation', 'stack/deploy-federation-sync/1'),
  ],
  ['change a foreign function', 'lambda:UpdateFunctionCode', of('lambda', 'function:other')],
  ['add a layer', 'lambda:PublishLayerVersion', of('lambda', 'layer:mine')],
  [
    'publish the function on the internet',
    'lambda:CreateFunctionUrlConfig',
    of('lambda', 'function:federation-sync-prod'),
  ],
  [
    'feed a foreign function',
    'lambda:CreateEventSourceMapping',
    '*',
    { 'lambda:FunctionArn': of('lambda', 'function:other') },
  ],
  [
    'read any secret',
    'secretsmanager:GetSecretValue',
    of('secretsmanager', 'secret:database-AbCdEf'),
  ],
  ['read the zones', 'route53:ListResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
  ['change the zones', 'route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
  ['let itself into the cluster', 'eks:CreateAccessEntry', of('eks', 'cluster/central')],
  ['let another account send events', 'events:PutPermission', of('events', 'event-bus/default')],
  ['unsubscribe somebody', 'sns:Unsubscribe', of('sns', 'federation-sync-prod-alarms:1')],
];

test.each(table(becomeAdministrator))(
  'the pipeline cannot $what ($request.action)',
  ({ request }) => {
    expect(prod.allows(request)).toBe(false);
  },
);

describe('a broader policy on the deployment role', () => {
  const everything: Policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  };
  const inIam = table(becomeAdministrator).filter(
    ({ request: { action } }) => action.startsWith('iam:') && action !== 'iam:PassRole',
  );
  test.each(inIam)('does not help to $what ($request.action)', ({ request }) => {
    expect(allows([...prod.policies, everything], request)).toBe(false);
  });
});

/** What a stage's role may do with its own stage's names and not with another's. */
const withNames: readonly (readonly [action: string, resource: (stage: string) => string])[] = [
  ['cloudformation:UpdateStack', (s) => of('cloudformation', `stack/federation-sync-${s}/1`)],
  ['cloudformation:DeleteStack', (s) => of('cloudformation', `stack/federation-sync-${s}/1`)],
  ['lambda:UpdateFunctionCode', (s) => of('lambda', `function:federation-sync-${s}`)],
  ['lambda:UpdateFunctionConfiguration', (s) => of('lambda', `function:federation-sync-${s}`)],
  ['lambda:InvokeFunction', (s) => of('lambda', `function:federation-sync-${s}`)],
  ['lambda:AddPermission', (s) => of('lambda', `function:federation-sync-${s}`)],
  [
    's3:PutObject',
    (s) => `arn:aws:s3:::federation-sync-${s}-serverlessdeploymentbucket-1a2b3c/serverless/a.zip`,
  ],
  [
    's3:GetObject',
    (s) => `arn:aws:s3:::federation-sync-${s}-serverlessdeploymentbuck-1a2b3c/a.zip`,
  ],
  ['s3:DeleteBucket', (s) => `arn:aws:s3:::federation-sync-${s}-serverlessdeploymentbucket-1a2b3c`],
  ['iam:DeleteRole', (s) => iam(`role/federation-sync-${s}-${region}`)],
  ['iam:TagRole', (s) => iam(`role/federation-sync-${s}-${region}-webhook`)],
  ['sqs:SetQueueAttributes', (s) => of('sqs', `federation-sync-${s}`)],
  ['sqs:DeleteQueue', (s) => of('sqs', `federation-sync-${s}-dead-letters`)],
  ['events:PutRule', (s) => of('events', `rule/federation-sync-${s}-changes-1`)],
  [
    'events:DeleteRule',
    (s) => of('events', `rule/federation-sync-${s}-SyncEventsRuleSchedule1-1A`),
  ],
  ['events:PutTargets', (s) => of('events', `rule/federation-sync-${s}-webhook`)],
  ['events:UpdateConnection', (s) => of('events', `connection/federation-sync-${s}-webhook/1`)],
  [
    'events:UpdateApiDestination',
    (s) => of('events', `api-destination/federation-sync-${s}-webhook/1`),
  ],
  [
    'secretsmanager:GetSecretValue',
    (s) => of('secretsmanager', `secret:federation-sync-${s}/webhook-AbCdEf`),
  ],
  [
    'secretsmanager:GetSecretValue',
    (s) => of('secretsmanager', `secret:events!connection/federation-sync-${s}-webhook/1-AbCdEf`),
  ],
  ['cloudwatch:DeleteAlarms', (s) => of('cloudwatch', `alarm:federation-sync-${s}-errors`)],
  ['cloudwatch:PutMetricAlarm', (s) => of('cloudwatch', `alarm:federation-sync-${s}-silence-a`)],
  ['sns:DeleteTopic', (s) => of('sns', `federation-sync-${s}-alarms`)],
  ['sns:Subscribe', (s) => of('sns', `federation-sync-${s}-alarms`)],
  ['logs:DeleteLogGroup', (s) => of('logs', `log-group:/aws/lambda/federation-sync-${s}`)],
];

test.each(withNames)('%s is for one stage and one Region', (action, resource) => {
  for (const [stage, others] of [
    ['prod', ['prod-eu', 'staging', 'prod2', 'eu-prod']],
    ['prod-eu', ['prod', 'prod-eu-2']],
    ['staging', ['prod', 'stag']],
  ] as const) {
    const role = deployRole({ Stage: stage });
    expect(role.allows({ action, resource: resource(stage) }), stage).toBe(true);
    for (const other of others)
      expect(role.allows({ action, resource: resource(other) }), other).toBe(false);
    const elsewhere = resource(stage).replaceAll(region, 'eu-central-1');
    if (elsewhere !== resource(stage))
      expect(role.allows({ action, resource: elsewhere }), elsewhere).toBe(false);
  }
});

describe('the boundary', () => {
  const everything: Policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  };
  /** The function's role with AdministratorAccess. */
  const role = (request: Request, { boundary } = prod) => allows([everything], request, boundary);

  const outside: Path[] = [
    ['create a role', 'iam:CreateRole', iam('role/mine')],
    ['remove its own boundary', 'iam:DeleteRolePermissionsBoundary', ours],
    ['assume a foreign role', 'sts:AssumeRole', foreign],
    ['assume the deployment role', 'sts:AssumeRole', prod.arn],
    [
      'read through another stage’s reader',
      'sts:AssumeRole',
      iam('role/federation-sync-prod-eu-reader-1'),
    ],
    ['change records', 'route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
    ['let itself into the cluster', 'eks:CreateAccessEntry', of('eks', 'cluster/central')],
    ['read a bucket', 's3:GetObject', 'arn:aws:s3:::any/key'],
    ['read a secret', 'secretsmanager:GetSecretValue', of('secretsmanager', 'secret:a-AbCdEf')],
    [
      'change its own code',
      'lambda:UpdateFunctionCode',
      of('lambda', 'function:federation-sync-prod'),
    ],
    ['take another stage’s messages', 'sqs:ReceiveMessage', of('sqs', 'federation-sync-prod-eu')],
    [
      'write another log',
      'logs:PutLogEvents',
      of('logs', 'log-group:/aws/lambda/other:log-stream:a'),
    ],
    ['start an instance', 'ec2:RunInstances', '*'],
    [
      'move network interfaces from the function’s code',
      'ec2:DeleteNetworkInterface',
      '*',
      { 'lambda:SourceFunctionArn': of('lambda', 'function:federation-sync-prod') },
    ],
  ];
  test.each(table(outside))(
    'does not let a role with every permission $what ($request.action)',
    ({ request }) => {
      expect(role(request)).toBe(false);
    },
  );

  test('lets it list the clusters of its account, which a job may expect, and nothing else without a name', () => {
    expect(role({ action: 'eks:ListClusters', resource: '*' })).toBe(true);
    for (const action of ['ListAccessEntries', 'CreateCluster', 'RegisterCluster'])
      expect(role({ action: `eks:${action}`, resource: '*' }), action).toBe(false);
  });

  const reader = 'arn:aws:iam::222222222222:role/zones';
  test('lets it assume the readers of its stage, and the roles that are given', () => {
    const assume = (resource: string) => ({ action: 'sts:AssumeRole', resource });
    const ofStage = `arn:aws:iam::222222222222:role/federation-sync-prod-reader-${account}-${region}`;
    expect(role(assume(ofStage))).toBe(true);
    expect(role(assume(reader))).toBe(false);
    expect(role(assume(reader), deployRole({ AssumableRoles: `${reader},${foreign}` }))).toBe(true);
  });
});

test('the policies are within the quotas of IAM', () => {
  // "IAM and AWS STS quotas": 10,240 characters for the inline policies of a role, 6,144 for a managed policy, without
  // white space.
  const longest = deployRole({ Stage: 'staging2' }, { partition: 'aws-us-gov' });
  expect(JSON.stringify(longest.policies).length).toBeLessThan(10_240);
  expect(JSON.stringify(longest.boundary).length).toBeLessThan(6_144);
});
