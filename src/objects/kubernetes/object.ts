import { Fault } from '../../fault.ts';
import { objectText, placeText } from '../../location.ts';
import type { Location } from '../documents.ts';
import { decodeText } from '../text.ts';

export type ObjectLocation = Exclude<Location, { readonly kind: 'file' }>;

/** What is read of a ConfigMap or a Secret. */
export interface KubernetesObject {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** Texts in a ConfigMap, base64 in a Secret. */
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Our field manager, label value and the prefix of our annotations. */
export const OURS = 'route53-federation-sync';
const MANAGED = `${OURS}/managed`;
const PAUSED = `${OURS}/paused`;
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/**
 * What an object's values may be together, keys and metadata not counted: MaxSecretSize, which holds for
 * ConfigMaps too (k8s.io/kubernetes, pkg/apis/core/validation).
 */
export const LARGEST_OBJECT = 1024 * 1024;

/** An API answer as the object that was asked for; undefined where it is something else. */
export function asObject(body: unknown, place: ObjectLocation): KubernetesObject | undefined {
  const { kind, metadata, data, binaryData } = (body ?? {}) as Record<string, unknown>;
  const { name, namespace, resourceVersion, labels, annotations } = (metadata ?? {}) as Record<
    string,
    unknown
  >;
  const isAsked =
    kind === (place.kind === 'secret' ? 'Secret' : 'ConfigMap') &&
    name === place.name &&
    namespace === place.namespace &&
    typeof resourceVersion === 'string';
  if (!isAsked || ![data, binaryData, labels, annotations].every(isTexts)) return undefined;
  return body as KubernetesObject;
}

/** A map of texts, or none: Kubernetes leaves out what is empty. */
function isTexts(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

/** The document's text; undefined where the key is not there. Throws `document-broken`. */
export function textOf(object: KubernetesObject, location: ObjectLocation): string | undefined {
  const { data = {}, binaryData = {} } = object;
  const { kind, key } = location;
  if (Object.hasOwn(binaryData, key)) {
    const remedy = 'Put the text under data: what stands under binaryData is not taken for text.';
    throw new Fault('document-broken', `${placeText(location)} is binaryData`, { remedy });
  }
  const value = Object.hasOwn(data, key) ? data[key] : undefined;
  if (value === undefined || kind === 'configMap') return value;
  const bytes = Buffer.from(value, 'base64');
  // Buffer passes over what is no base64; what it dropped would be lost with the next write.
  if (bytes.toString('base64') !== value) {
    throw new Fault('document-broken', `${placeText(location)} is not base64`);
  }
  return decodeText(bytes, placeText(location));
}

/** Whether the object says just this, as it was sent. */
export function holds(object: KubernetesObject, location: ObjectLocation, text: string): boolean {
  const [sent] = Object.values(dataOf(location, text));
  return Object.hasOwn(object.data ?? {}, location.key) && object.data?.[location.key] === sent;
}

/** The object made by us or taken into our care, as opposed to one that only has the right name. */
export function isOurs({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.[MANAGED_BY] === OURS || metadata.annotations?.[MANAGED] !== undefined;
}

export function isPaused({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.[PAUSED] === 'true';
}

/** The jobs our annotation names; undefined where there is none. */
export function managedJobs({ metadata }: KubernetesObject): readonly string[] | undefined {
  const text = metadata.annotations?.[MANAGED];
  return text?.split(',').filter(Boolean).map(decodeJob);
}

/** Names may hold the comma that parts them. */
function managedText(jobs: readonly string[]): string {
  const texts = jobs.map((job) => job.replace(/[%,]/g, encodeURIComponent));
  return [...new Set(texts)].sort().join(',');
}

function decodeJob(text: string): string {
  return text.replace(/%2C/g, ',').replace(/%25/g, '%');
}

/** Bytes of all values but this document's. */
export function otherBytes(object: KubernetesObject, { kind, key }: ObjectLocation): number {
  const bytes = (value: string, encoding: BufferEncoding) => Buffer.byteLength(value, encoding);
  let sum = 0;
  for (const [other, value] of Object.entries(object.data ?? {})) {
    if (other !== key) sum += bytes(value, kind === 'secret' ? 'base64' : 'utf8');
  }
  for (const value of Object.values(object.binaryData ?? {})) sum += bytes(value, 'base64');
  return sum;
}

/** Throws `object-too-large` before the API server has to. */
export function checkSize(location: ObjectLocation, text: string, others: number): void {
  const document = Buffer.byteLength(text);
  if (document + others <= LARGEST_OBJECT) return;
  const sizes = `${document + others} bytes (${document} of them ${location.key})`;
  const said = `${objectText(location)} would be ${sizes}, Kubernetes takes ${LARGEST_OBJECT}`;
  throw new Fault('object-too-large', said);
}

interface Content {
  readonly text: string;
  readonly jobs: readonly string[];
}

/** A JSON merge patch (RFC 7396) of one key and our annotation; refused if `version` is stale. */
export function patchOf(location: ObjectLocation, version: string, { text, jobs }: Content) {
  const annotations = { [MANAGED]: managedText(jobs) };
  return { metadata: { resourceVersion: version, annotations }, data: dataOf(location, text) };
}

/** The whole object, where there is none yet. */
export function newObject(location: ObjectLocation, { text, jobs }: Content) {
  const { kind, namespace, name } = location;
  return {
    apiVersion: 'v1',
    ...(kind === 'secret' ? { kind: 'Secret', type: 'Opaque' } : { kind: 'ConfigMap' }),
    metadata: {
      namespace,
      name,
      labels: { [MANAGED_BY]: OURS },
      annotations: { [MANAGED]: managedText(jobs) },
    },
    data: dataOf(location, text),
  };
}

function dataOf({ kind, key }: ObjectLocation, text: string): Record<string, string> {
  return { [key]: kind === 'secret' ? Buffer.from(text).toString('base64') : text };
}
