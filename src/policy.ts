import type { Settings } from './job.ts';

/*
 * The least that a sync needs, computed from its settings: `federation-sync policy` prints it, and
 * serverless.yml gives it to the function's role. Both use these functions, so they cannot differ.
 */

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** What an ARN needs beyond the settings. CloudFormation's pseudo parameters work as well. */
export interface Scope {
  readonly partition?: string;
  readonly account?: string;
  /** The cluster's Region, if the settings leave it to the environment. */
  readonly region?: string;
}

/**
 * The IAM policy of the identity that syncs: read the named zones, assume the named roles, describe the
 * cluster, list the clusters to expect. What is accessed with a role is left out: that role needs the permissions.
 */
export function iamPolicy(settings: Settings, scope: Scope = {}) {
  const { partition = 'aws', account = '*', region = '*' } = scope;
  const zones = zonesOf(settings);
  const { cluster } = settings;
  const eks = cluster && 'eks' in cluster ? cluster.eks : undefined;
  const expected = settings.jobs.flatMap(({ expect }) =>
    expect.flatMap((source) => ('eks' in source ? source.eks : [])),
  );
  const roles = [...zones, eks, ...expected].map((it) => it?.roleArn);
  const looksUp = eks && !eks.roleArn && !(eks.endpoint && eks.certificateAuthority);

  const statements = [
    allow(
      'ReadZones',
      ['route53:GetHostedZone', 'route53:ListResourceRecordSets'],
      zones
        .filter((zone) => !zone.roleArn)
        .map((zone) => `arn:${partition}:route53:::hostedzone/${zone.id}`),
    ),
    allow(
      'AssumeRoles',
      ['sts:AssumeRole'],
      roles.filter((role) => role !== undefined),
    ),
    allow(
      'DescribeCluster',
      ['eks:DescribeCluster'],
      looksUp
        ? [`arn:${partition}:eks:${eks.region || region}:${account}:cluster/${eks.name}`]
        : [],
    ),
    allow(
      'ListClusters',
      ['eks:ListClusters'],
      // It has no resource-level permissions (Service Authorization Reference, Amazon EKS).
      expected.some(({ roleArn }) => roleArn === undefined) ? ['*'] : [],
    ),
  ];
  return {
    Version: '2012-10-17',
    Statement: statements.filter((statement) => statement.Resource.length > 0),
  };
}

function allow(Sid: string, Action: readonly string[], resources: readonly string[]): Statement {
  return { Sid, Effect: 'Allow', Action, Resource: [...new Set(resources)].sort() };
}

/** Hosted zones that the jobs name, each id once per role, in the settings' order. */
export function zonesOf({ jobs }: Settings): { id: string; roleArn?: string }[] {
  const zones = new Map<string, { id: string; roleArn?: string }>();
  for (const { source } of jobs.flatMap(({ from }) => from)) {
    if (!('zone' in source)) continue;
    const { zone: id, roleArn } = source;
    zones.set(`${id} ${roleArn}`, roleArn === undefined ? { id } : { id, roleArn });
  }
  return [...zones.values()];
}
