/** A kind of object the emulator keeps, in the words of Kubernetes's discovery. */
export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural: `configmaps`. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
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
  type('', 'configmaps', 'ConfigMap'),
  type('', 'secrets', 'Secret'),
  { ...type('', 'namespaces', 'Namespace'), namespaced: false },
  type('', 'events', 'Event'),
  type('', 'pods', 'Pod'),
  type('', 'services', 'Service'),
  type('', 'serviceaccounts', 'ServiceAccount'),
  type('', 'resourcequotas', 'ResourceQuota'),
  type('apps', 'deployments', 'Deployment'),
  type('apps', 'replicasets', 'ReplicaSet'),
  type('apps', 'statefulsets', 'StatefulSet'),
  type('apps', 'daemonsets', 'DaemonSet'),
  // Of the Prometheus Operator's CRDs.
  { ...type('monitoring.coreos.com', 'scrapeconfigs', 'ScrapeConfig'), version: 'v1alpha1' },
  type('monitoring.coreos.com', 'prometheuses', 'Prometheus'),
  type(RBAC, 'roles', 'Role'),
  type(RBAC, 'rolebindings', 'RoleBinding'),
  { ...type(RBAC, 'clusterroles', 'ClusterRole'), namespaced: false },
  { ...type(RBAC, 'clusterrolebindings', 'ClusterRoleBinding'), namespaced: false },
];

function type(group: string, name: string, kind: string): ResourceType {
  return { group, version: 'v1', name, kind, namespaced: true };
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
