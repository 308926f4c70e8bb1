/** What has one version: it is read as a whole, and written in one request. */
export type ObjectRef =
  | {
      readonly kind: 'configMap' | 'secret';
      readonly namespace: string;
      readonly name: string;
    }
  /** The Prometheus Operator's: its list is spec.staticConfigs. */
  | { readonly kind: 'scrapeConfig'; readonly namespace: string; readonly name: string }
  | {
      readonly kind: 'file';
      /** Absolute. */
      readonly path: string;
      /** As the settings write it, for reports. */
      readonly written?: string;
    };

/** An object of the Kubernetes API. */
export type KubernetesRef = Exclude<ObjectRef, { readonly kind: 'file' }>;

/** Where a document is: a key of an object, a ScrapeConfig as a whole, or a file. */
export type Location =
  | (Extract<ObjectRef, { readonly kind: 'configMap' | 'secret' }> & { readonly key: string })
  | Extract<ObjectRef, { readonly kind: 'scrapeConfig' | 'file' }>;

/** The object that a document is in. */
export function objectOf(location: Location): ObjectRef {
  if (!('key' in location)) return location;
  const { kind, namespace, name } = location;
  return { kind, namespace, name };
}

/** `configmap/monitoring/prometheus-server`, as kubectl accepts kind and name; `file:prometheus.yml`. */
export function objectText(object: ObjectRef): string {
  return object.kind === 'file'
    ? `file:${object.written ?? object.path}`
    : `${object.kind.toLowerCase()}/${object.namespace}/${object.name}`;
}

/**
 * A location as reports name it: `configmap/monitoring/prometheus-server:prometheus.yml`,
 * `scrapeconfig/monitoring/federate`, `file:prometheus.yml`.
 */
export function locationText(location: Location): string {
  return 'key' in location ? `${objectText(location)}:${location.key}` : objectText(location);
}

/** Identifies the object of a location, however the settings write its path. */
export function objectKey(object: ObjectRef): string {
  return object.kind === 'file' ? object.path : objectText(object);
}

/** Identifies a document, however the settings write its path. */
export function documentKey(location: Location): string {
  return location.kind === 'file' ? location.path : locationText(location);
}

/** The key of the document within its object; a file and a ScrapeConfig have one document, ''. */
export function keyOf(location: Location): string {
  return 'key' in location ? location.key : '';
}

/** The file name that readers of the document see: by its ending a file_sd list is JSON or YAML. */
export function fileNameOf(location: Location): string {
  return location.kind === 'file' ? location.path : keyOf(location);
}
