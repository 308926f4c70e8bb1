import { zoneId } from './job.ts';
/**
 * The least that a sync needs, computed from its settings: `federation-sync policy` prints it, and
 * serverless.yml gives it to the function's role. Both use these functions, so they cannot differ.
 *
 * The settings may be those of the file (`to` one place or a list, `{ configMap: … }`) or the validated
 * ones (`{ location: { kind: 'configMap', … } }`).
 */

export interface PolicySettings {
  readonly cluster?: ClusterLike | undefined;
  readonly jobs: readonly {
    readonly from?: FromLike | readonly FromLike[];
    readonly to?: PlaceLike | readonly PlaceLike[];
  }[];
}

interface EksLike {
  readonly name: string;
  readonly region?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly certificateAuthority?: string | undefined;
}

type ClusterLike =
  | { readonly eks: EksLike }
  | { readonly kubeconfig: unknown }
  | { readonly inCluster: unknown };

type SourceLike =
  | { readonly zone: string; readonly roleArn?: string | undefined }
  | { readonly records: unknown };

type FromLike = SourceLike | { readonly source: SourceLike };

interface ObjectLike {
  readonly namespace: string;
  readonly name: string;
}

interface PlaceLike {
  readonly configMap?: ObjectLike;
  readonly secret?: ObjectLike;
  readonly location?: {
    readonly kind: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly create?: boolean;
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** What an ARN needs and the settings do not say. CloudFormation's pseudo parameters fit as well. */
export interface Scope {
  readonly partition?: string;
  readonly account?: string;
  /** Where the cluster is, if the settings leave that to the environment. */
  readonly region?: string;
}

/**
 * The IAM policy of the identity that syncs: read the named zones, assume the named roles, look the
 * cluster up. Zones and a cluster behind a role are that role's business and are left out.
 */
export function iamPolicy(settings: PolicySettings, scope: Scope = {}) {
  const { partition = 'aws', account = '*', region = '*' } = scope;
  const zones = zonesOf(settings);
  const eks = eksOf(settings);
  const roles = [...zones.map((zone) => zone.roleArn), eks?.roleArn];
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
export function zonesOf(settings: PolicySettings): { id: string; roleArn?: string }[] {
  const zones = new Map<string, { id: string; roleArn?: string }>();
  for (const job of settings.jobs) {
    for (const from of listOf(job.from)) {
      const source = 'source' in from ? from.source : from;
      if (!('zone' in source)) continue;
      const { zone, roleArn } = source;
      const id = zoneId(zone);
      zones.set(`${id} ${roleArn}`, roleArn === undefined ? { id } : { id, roleArn });
    }
  }
  return [...zones.values()];
}

const eksOf = ({ cluster }: PolicySettings): EksLike | undefined =>
  cluster && 'eks' in cluster ? cluster.eks : undefined;

/** Who the Role is given to: the access entry's group, or a CronJob's service account. */
export type Subject =
  | { readonly group: string }
  | { readonly serviceAccount: string; readonly namespace: string };

/**
 * For each namespace a Role and its RoleBinding, as a List for `kubectl apply -f -`: get and patch on
 * exactly the objects named; create, which Kubernetes cannot limit to a name, only where a place asks.
 */
export function kubernetesRole(
  settings: PolicySettings,
  subject: Subject = { group: 'federation-sync' },
) {
  const places = settings.jobs.flatMap((job) => listOf(job.to)).map(objectOf);
  const objects = places.filter((place) => place !== undefined);
  const namespaces = [...new Set(objects.map((object) => object.namespace))].sort();
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: namespaces.flatMap((namespace) => {
      const here = objects.filter((object) => object.namespace === namespace);
      return [role(namespace, here), roleBinding(namespace, subject)];
    }),
  };
}

interface WrittenObject extends ObjectLike {
  readonly resource: 'configmaps' | 'secrets';
  readonly create: boolean;
}

function objectOf(place: PlaceLike): WrittenObject | undefined {
  const create = place.create === true;
  if (place.configMap) return { ...place.configMap, resource: 'configmaps', create };
  if (place.secret) return { ...place.secret, resource: 'secrets', create };
  const { kind, namespace, name } = place.location ?? {};
  if (namespace === undefined || name === undefined) return undefined;
  return { namespace, name, resource: kind === 'secret' ? 'secrets' : 'configmaps', create };
}

function role(namespace: string, objects: readonly WrittenObject[]) {
  const rules = (['configmaps', 'secrets'] as const).flatMap((resource) => {
    const written = objects.filter((object) => object.resource === resource);
    if (written.length === 0) return [];
    const rule = { apiGroups: [''], resources: [resource] };
    const names = [...new Set(written.map((object) => object.name))].sort();
    return [
      { ...rule, resourceNames: names, verbs: ['get', 'patch'] },
      ...(written.some((object) => object.create) ? [{ ...rule, verbs: ['create'] }] : []),
    ];
  });
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'federation-sync', namespace },
    rules,
  };
}

function roleBinding(namespace: string, subject: Subject) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'federation-sync', namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'federation-sync' },
    subjects: [
      'group' in subject
        ? { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: subject.group }
        : { kind: 'ServiceAccount', name: subject.serviceAccount, namespace: subject.namespace },
    ],
  };
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
