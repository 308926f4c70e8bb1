import type { Location } from './objects/documents.ts';

type ObjectLocation = Exclude<Location, { kind: 'file' }>;

/** `configmap/monitoring/prometheus-server`, as kubectl would take kind and name. */
export function objectText({ kind, namespace, name }: Omit<ObjectLocation, 'key'>): string {
  return `${kind.toLowerCase()}/${namespace}/${name}`;
}

/** A location as reports name it: `configmap/monitoring/prometheus-server:prometheus.yml`, `file:prometheus.yml`. */
export function placeText(location: Location): string {
  return location.kind === 'file'
    ? `file:${location.written ?? location.path}`
    : `${objectText(location)}:${location.key}`;
}

/** What tells documents apart: one file has one key, however the settings write its path. */
export function documentKey(location: Location): string {
  return location.kind === 'file' ? location.path : placeText(location);
}

/** What tells objects apart: several documents of one share its version. A file is an object by itself. */
export function objectKey(location: Location): string {
  return location.kind === 'file' ? location.path : objectText(location);
}
