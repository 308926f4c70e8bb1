import type { KubeObject, ResourceType } from './resources.ts';

type Column = readonly [name: string, cell: (object: KubeObject, now: Date) => unknown];

const NAME: Column = ['Name', (object) => object.metadata.name];
const AGE: Column = ['Age', (object, now) => age(object.metadata.creationTimestamp, now)];
const DATA: Column = [
  'Data',
  ({ data, binaryData }) =>
    Object.keys((data ?? {}) as object).length + Object.keys((binaryData ?? {}) as object).length,
];
const COLUMNS: Record<string, readonly Column[]> = {
  ConfigMap: [NAME, DATA, AGE],
  Secret: [NAME, ['Type', (object) => object.type], DATA, AGE],
  Namespace: [NAME, ['Status', (object) => (object.status as { phase?: string })?.phase], AGE],
};

/** What kubectl prints: asked for with `Accept: application/json;as=Table;v=v1;g=meta.k8s.io`. */
export function asTable(
  type: ResourceType,
  objects: readonly KubeObject[],
  resourceVersion: string,
  now: Date,
) {
  const columns = COLUMNS[type.kind] ?? [NAME, AGE];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion },
    columnDefinitions: columns.map(([name]) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(([, cell]) => cell(object, now)),
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: object.metadata,
      },
    })),
  };
}

/** `12s`, `5m`, `3h`, `4d`: coarser than Kubernetes's own from the second minute on. */
function age(created: string | undefined, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(created ?? '')) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
