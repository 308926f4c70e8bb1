import { describe, expect, test } from 'vitest';
import { account, parametersOf, pseudo, readTemplate, resolve } from '../infra/intrinsics.ts';
import { deployRole, region } from './deploy-role.ts';
import { type Policy, type Request, trusts } from './policy-evaluation.ts';

// Who may assume the roles of infra/aws.

/** Properties of a template's resources as deployed; `Ref` and `GetAtt` of a resource give its logical id. */
function deployed(name: string, given: Record<string, string>, where = region, partition = 'aws') {
  const template = readTemplate(name);
  const ids = Object.keys(template.Resources);
  const values = {
    refs: {
      ...Object.fromEntries(ids.map((id) => [id, id])),
      ...parametersOf(template, given),
      ...pseudo(where, partition),
    },
    attributes: Object.fromEntries(ids.map((id) => [`${id}.Arn`, id])),
    conditions: template.Conditions,
  };
  return (id: string) => resolve(template.Resources[id].Properties, values);
}

type Context = Exclude<Request['context'], undefined>;
const without = (context: Context, key: string) =>
  Object.fromEntries(Object.entries(context).filter(([name]) => name !== key));

/** The trust accepts the context, and neither one without a key nor one with another value. */
function needsAll(trust: Policy, action: string, context: Context): void {
  expect(trusts(trust, { action, context })).toBe(true);
  for (const key of Object.keys(context)) {
    expect(trusts(trust, { action, context: without(context, key) }), `no ${key}`).toBe(false);
    const other = { ...context, [key]: 'another' };
    expect(trusts(trust, { action, context: other }), `another ${key}`).toBe(false);
  }
}

describe('the deployment role trusts GitHub', () => {
  const action = 'sts:AssumeRoleWithWebIdentity';
  const key = (claim: string) => `token.actions.githubusercontent.com:${claim}`;
  const token = (sub: string, claims: Record<string, string> = {}): Context => ({
    [key('aud')]: 'sts.amazonaws.com',
    [key('sub')]: sub,
    [key('repository_id')]: claims.repository_id ?? '456789',
    [key('repository_owner_id')]: claims.repository_owner_id ?? '123456',
  });
  const { trust } = deployRole();
  const old = 'repo:octo-org/octo-repo:environment:production';
  const current = 'repo:octo-org@123456/octo-repo@456789:environment:production';

  test.each([old, current])('for the subject %s, with both ids', (sub) => {
    needsAll(trust, action, token(sub));
  });

  test.each([
    ['another environment', 'repo:octo-org@123456/octo-repo@456789:environment:staging'],
    ['a branch', 'repo:octo-org@123456/octo-repo@456789:ref:refs/heads/main'],
    ['a pull request', 'repo:octo-org/octo-repo:pull_request'],
    ['a fork', 'repo:fork/octo-repo:environment:production'],
    ['another id of the owner', 'repo:octo-org@1/octo-repo@456789:environment:production'],
    ['another id of the repository', 'repo:octo-org@123456/octo-repo@1:environment:production'],
  ])('not for %s: %s', (_, sub) => {
    expect(trusts(trust, { action, context: token(sub) })).toBe(false);
  });

  test('not for a repository that got the name later', () => {
    const later = token(old, { repository_id: '999999' });
    expect(trusts(trust, { action, context: later })).toBe(false);
    const byOther = token(old, { repository_owner_id: '999999' });
    expect(trusts(trust, { action, context: byOther })).toBe(false);
  });

  test('through the provider that is given, or the one that the stack creates and keeps', () => {
    const principal = (policy: Policy) =>
      (policy.Statement[0]!.Principal as { Federated: string }).Federated;
    const provider = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;
    expect(principal(trust)).toBe(provider);
    expect(principal(deployRole({ Provider: `${provider}2` }).trust)).toBe(`${provider}2`);
    const { GitHub } = readTemplate('deploy-role').Resources;
    expect(GitHub).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('and refuses parameters that would widen it', () => {
    for (const given of [
      { Repository: 'octo-org/*' },
      { RepositoryId: '*' },
      { RepositoryOwnerId: '' },
      { Environment: '*' },
      { Stage: '*' },
      { Stage: 'prod-' },
      { Stage: 'a-longer-stage' },
    ])
      expect(() => deployRole(given as never), JSON.stringify(given)).toThrow(/Parameter/);
  });
});

describe('the reader role of another account', () => {
  const sync = `arn:aws:iam::111111111111:role/federation-sync-prod-${region}`;
  const given = {
    HomeAccount: '111111111111',
    HomeRegion: region,
    SyncRoleArn: sync,
    Zones: 'Z1,Z2',
  };
  const role = (more = {}, partition = 'aws') =>
    deployed('other-account', { ...given, ...more }, 'us-east-1', partition)('ReaderRole');

  test('trusts the function’s role by its ARN, which a removed and recreated role has again', () => {
    const trust = role().AssumeRolePolicyDocument;
    needsAll(trust, 'sts:AssumeRole', {
      'aws:PrincipalArn': sync,
      'sts:ExternalId': 'federation-sync',
    });
    // IAM replaces the ARN of a role in Principal by its unique id, but not that of an account.
    expect(trust.Statement[0].Principal).toEqual({ AWS: 'arn:aws:iam::111111111111:root' });
  });

  test('is named by stage and home, as the boundary allows it', () => {
    const name = role({ Stage: 'staging2', HomeRegion: 'ap-northeast-1' }).RoleName;
    expect(name).toBe('federation-sync-staging2-reader-111111111111-ap-northeast-1');
    expect(name.length).toBeLessThanOrEqual(64);
  });

  const policy = (id: string, partition = 'aws') =>
    deployed('other-account', given, 'us-east-1', partition)(id);

  test.each(['aws', 'aws-cn', 'aws-us-gov'])('reads the zones in the partition %s', (partition) => {
    const { PolicyDocument, Roles } = policy('ReadZones', partition);
    expect(Roles).toEqual(['ReaderRole']);
    expect(PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['route53:GetHostedZone', 'route53:ListResourceRecordSets'],
        Resource: [
          `arn:${partition}:route53:::hostedzone/Z1`,
          `arn:${partition}:route53:::hostedzone/Z2`,
        ],
      },
    ]);
  });

  test('lists the clusters where that is requested, and has no other permission', () => {
    const { PolicyDocument, Roles } = policy('ListEksClusters');
    expect(Roles).toEqual(['ReaderRole']);
    expect(PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'eks:ListClusters', Resource: '*' },
    ]);
    expect(role().Policies).toBeUndefined();
    const { Resources, Conditions } = readTemplate('other-account');
    expect(Resources.ListEksClusters.Condition).toBe('ListsClusters');
    const lists = (ListClusters: string) =>
      resolve(Conditions.ListsClusters, { refs: { ListClusters } });
    expect([lists('yes'), lists('no')]).toEqual([true, false]);
  });

  test('without zones there is nothing to read and to forward, and a stack without either is refused', () => {
    const { Resources, Rules, Conditions } = readTemplate('other-account');
    const { ReaderRole, ListEksClusters, ...ofZones } = Resources;
    expect(ReaderRole.Condition).toBeUndefined();
    for (const [id, { Condition }] of Object.entries<{ Condition?: string }>(ofZones))
      expect(Condition, id).toBe('HasZones');
    const { RuleCondition, Assertions } = Rules.ReadsSomething;
    const accepts = (ListClusters: string, Zones: string[]) => {
      const refs = { ListClusters, Zones };
      return !resolve(RuleCondition, { refs }) || resolve(Assertions[0].Assert, { refs });
    };
    expect(accepts('no', [''])).toBe(false);
    expect(accepts('yes', [''])).toBe(true);
    expect(accepts('no', ['Z1'])).toBe(true);
    const hasZones = (Zones: string[]) => resolve(Conditions.HasZones, { refs: { Zones } });
    expect([hasZones(['Z1', 'Z2']), hasZones(['']), hasZones([])]).toEqual([true, false, false]);
  });
});

describe.each([
  ['us-east-1', { HomeRegion: region, Zones: 'Z1' }],
  [
    'other-account',
    {
      ...{ HomeAccount: '111111111111', HomeRegion: region, Zones: 'Z1' },
      SyncRoleArn: `arn:aws:iam::111111111111:role/federation-sync-prod-${region}`,
    },
  ],
])('the rule of %s.yml', (name, given) => {
  const properties = deployed(name, given, 'us-east-1');

  test('forwards as a role that only this account’s rules may use', () => {
    const [target] = properties('ChangesRule').Targets;
    expect(target.RoleArn).toBe('ForwardRole');
    needsAll(properties('ForwardRole').AssumeRolePolicyDocument, 'sts:AssumeRole', {
      'aws:SourceAccount': account,
    });
  });

  test('keeps what it cannot forward in a queue that only it can write to', () => {
    expect(properties('ChangesRule').Targets[0].DeadLetterConfig).toEqual({ Arn: 'DeadLetters' });
    const policy = properties('DeadLettersPolicy');
    expect(policy.Queues).toEqual(['DeadLetters']);
    needsAll(policy.PolicyDocument, 'sqs:SendMessage', {
      'aws:SourceAccount': account,
      'aws:SourceArn': 'ChangesRule',
    });
  });
});

test('us-east-1.yml is for a function that does not run in the Region of the events', () => {
  const { Rules } = readTemplate('us-east-1');
  const [{ Assert }] = Rules.Elsewhere.Assertions;
  const holds = (HomeRegion: string) => resolve(Assert, { refs: { HomeRegion } });
  for (const home of ['us-east-1', 'cn-northwest-1', 'us-gov-west-1'])
    expect(holds(home)).toBe(false);
  for (const home of ['eu-west-1', 'cn-north-1']) expect(holds(home)).toBe(true);
});

describe('the role of the CronJob', () => {
  const issuer = 'oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE';
  const given = {
    Cluster: 'central',
    Zones: 'Z1',
    Namespace: 'observability',
    ServiceAccount: 'sync',
  };

  test('trusts EKS Pod Identity for one service account of one cluster', () => {
    const properties = deployed('pod-role', given);
    const { AssumeRolePolicyDocument: trust } = properties('PodRole');
    expect(trust.Statement[0].Principal).toEqual({ Service: 'pods.eks.amazonaws.com' });
    for (const action of ['sts:AssumeRole', 'sts:TagSession'])
      needsAll(trust, action, {
        'aws:RequestTag/eks-cluster-arn': `arn:aws:eks:${region}:${account}:cluster/central`,
        'aws:RequestTag/kubernetes-namespace': 'observability',
        'aws:RequestTag/kubernetes-service-account': 'sync',
      });
    expect(properties('Association')).toMatchObject({
      ClusterName: 'central',
      Namespace: 'observability',
      ServiceAccount: 'sync',
    });
  });

  test('trusts the cluster’s issuer for the same service account', () => {
    const { AssumeRolePolicyDocument } = deployed('pod-role', { ...given, OidcProvider: issuer })(
      'PodRole',
    );
    needsAll(JSON.parse(AssumeRolePolicyDocument), 'sts:AssumeRoleWithWebIdentity', {
      [`${issuer}:aud`]: 'sts.amazonaws.com',
      [`${issuer}:sub`]: 'system:serviceaccount:observability:sync',
    });
  });

  test.each(['aws', 'aws-cn', 'aws-us-gov'])('reads the zones in the partition %s', (partition) => {
    const [{ PolicyDocument }] = deployed('pod-role', given, region, partition)('PodRole').Policies;
    expect(PolicyDocument.Statement[0].Resource).toEqual([
      `arn:${partition}:route53:::hostedzone/Z1`,
    ]);
  });

  test('lists the clusters only where that is requested', () => {
    const statements = (more = {}) =>
      deployed('pod-role', { ...given, ...more })('PodRole').Policies[0].PolicyDocument.Statement;
    expect(statements()).toHaveLength(1);
    expect(statements({ ListClusters: 'yes' })[1]).toEqual({
      Effect: 'Allow',
      Action: 'eks:ListClusters',
      Resource: '*',
    });
  });

  test('has a name for each stage and Region', () => {
    const name = (more = {}, where = region) =>
      deployed('pod-role', { ...given, ...more }, where)('PodRole').RoleName;
    expect(name()).toBe('federation-sync-prod-eu-west-1-pod');
    expect(name({ Stage: 'staging' }, 'eu-central-1')).toBe(
      'federation-sync-staging-eu-central-1-pod',
    );
  });
});

test('the access entry is for the role and the group that are given', () => {
  const role = `arn:aws:iam::${account}:role/federation-sync-prod-${region}`;
  const entry = (more = {}) =>
    deployed('access-entry', { Cluster: 'central', SyncRoleArn: role, ...more })('AccessEntry');
  expect(entry()).toMatchObject({ PrincipalArn: role, KubernetesGroups: ['federation-sync'] });
  expect(entry({ Group: 'sync-eu' }).KubernetesGroups).toEqual(['sync-eu']);
  expect(() => entry({ Group: 'system:masters' })).toThrow(/Parameter Group/);
});
