/** A kind of object the emulator keeps, in the words of Kubernetes's discovery. */
export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural: `configmaps`. */
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
}

interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  managedFields?: ManagedFieldsEntry[];
  [field: string]: unknown;
}

export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: 'Update' | 'Apply';
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: object;
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

const RBAC = 'rbac.authorization.k8s.io';

export const RESOURCE_TYPES: readonly ResourceType[] = [
  type('', 'configmaps', 'ConfigMap', ['cm']),
  type('', 'secrets', 'Secret'),
  { ...type('', 'namespaces', 'Namespace', ['ns']), namespaced: false },
  type('', 'events', 'Event', ['ev']),
  type('', 'pods', 'Pod', ['po']),
  type('', 'services', 'Service', ['svc']),
  type('', 'serviceaccounts', 'ServiceAccount', ['sa']),
  type('', 'resourcequotas', 'ResourceQuota', ['quota']),
  type('apps', 'deployments', 'Deployment', ['deploy']),
  type('apps', 'replicasets', 'ReplicaSet', ['rs']),
  type('apps', 'statefulsets', 'StatefulSet', ['sts']),
  type('apps', 'daemonsets', 'DaemonSet', ['ds']),
  type(RBAC, 'roles', 'Role'),
  type(RBAC, 'rolebindings', 'RoleBinding'),
  { ...type(RBAC, 'clusterroles', 'ClusterRole'), namespaced: false },
  { ...type(RBAC, 'clusterrolebindings', 'ClusterRoleBinding'), namespaced: false },
];

function type(
  group: string,
  name: string,
  kind: string,
  shortNames: readonly string[] = [],
): ResourceType {
  return {
    group,
    version: 'v1',
    name,
    singular: kind.toLowerCase(),
    kind,
    namespaced: true,
    shortNames,
  };
}

export function apiVersionOf({ group, version }: ResourceType): string {
  return group === '' ? version : `${group}/${version}`;
}

export function resourceType(group: string, name: string): ResourceType | undefined {
  return RESOURCE_TYPES.find((one) => one.group === group && one.name === name);
}

export function typeOfKind(kind: string): ResourceType {
  const found = RESOURCE_TYPES.find((one) => one.kind === kind);
  if (!found) throw new Error(`the emulator keeps no ${kind}`);
  return found;
}
