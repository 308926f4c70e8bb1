import type { KubernetesRef } from '../../location.ts';

/** A kind of object as the API names it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
}

const RESOURCES: Readonly<Record<KubernetesRef['kind'], Resource>> = {
  configMap: { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
  secret: { group: '', version: 'v1', kind: 'Secret', plural: 'secrets' },
  scrapeConfig: {
    group: 'monitoring.coreos.com',
    version: 'v1alpha1',
    kind: 'ScrapeConfig',
    plural: 'scrapeconfigs',
  },
};

export function resourceOf({ kind }: Pick<KubernetesRef, 'kind'>): Resource {
  return RESOURCES[kind];
}

/** Where objects of that kind are created. */
export function collectionPath({ kind, namespace }: Omit<KubernetesRef, 'name'>): string {
  const { group, version, plural } = RESOURCES[kind];
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

export function objectPath(object: KubernetesRef): string {
  return `${collectionPath(object)}/${encodeURIComponent(object.name)}`;
}
