import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../../fault.ts';
import { resourceText } from '../../formats.ts';
import { type KubernetesRef, locationText } from '../../location.ts';
import { type Change, MEMORY, PAUSED, type Snapshot } from '../objects.ts';
import { decodeText } from '../text.ts';
import { resourceOf } from './resource.ts';

/** What is read of a ConfigMap, a Secret or a ScrapeConfig. */
export interface KubernetesObject {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager?: string; readonly time?: string }[];
  };
  /** Texts in a ConfigMap, base64 in a Secret. */
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
  /** Of a ScrapeConfig. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Our field manager, label value and the prefix of our annotations. */
export const OURS = 'route53-federation-sync';
const MANAGED = `${OURS}/managed`;
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** An API answer as the object that was requested; undefined where it is something else. */
export function asObject(body: unknown, ref: KubernetesRef): KubernetesObject | undefined {
  const { kind, metadata, data, binaryData } = (body ?? {}) as Record<string, unknown>;
  const { name, namespace, resourceVersion, labels, annotations } = (metadata ?? {}) as Record<
    string,
    unknown
  >;
  const isRequested =
    kind === resourceOf(ref).kind &&
    name === ref.name &&
    namespace === ref.namespace &&
    typeof resourceVersion === 'string';
  if (!isRequested || ![data, binaryData, labels, annotations].every(isTexts)) return undefined;
  return body as KubernetesObject;
}

/** A map of texts, or none: Kubernetes leaves out what is empty. */
function isTexts(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

/** Every value by its key: its text, or Fault `document-broken`. */
export function textsOf(
  { data = {}, binaryData = {}, spec = {} }: KubernetesObject,
  ref: KubernetesRef,
): Map<string, string | Fault> {
  if (ref.kind === 'scrapeConfig') return new Map([['', resourceText({ ...headOf(ref), spec })]]);
  const texts = new Map<string, string | Fault>();
  for (const [key, value] of Object.entries(data)) {
    const place = locationText({ ...ref, key });
    texts.set(key, ref.kind === 'secret' ? decodeBase64(value, place) : value);
  }
  for (const key of Object.keys(binaryData)) {
    const remedy = 'Move the text to data: values in binaryData are not read as text.';
    const message = `${locationText({ ...ref, key })} is binaryData`;
    texts.set(key, new Fault('document-broken', message, { remedy }));
  }
  return texts;
}

function decodeBase64(value: string, place: string): string | Fault {
  const bytes = Buffer.from(value, 'base64');
  // Buffer skips what is not base64; the next write would lose it.
  if (bytes.toString('base64') !== value) {
    return new Fault('document-broken', `${place} is not base64`);
  }
  return decodeText(bytes, place);
}

/** Whether the object holds these texts, as they were sent. */
export function holds(
  { data = {}, spec }: KubernetesObject,
  ref: KubernetesRef,
  texts: ReadonlyMap<string, string>,
): boolean {
  if (ref.kind === 'scrapeConfig') {
    const [text] = texts.values();
    return text === undefined || isDeepStrictEqual(spec?.staticConfigs ?? [], listIn(text));
  }
  return Object.entries(dataOf(ref, texts)).every(
    ([key, value]) => Object.hasOwn(data, key) && data[key] === value,
  );
}

/** We created the object or adopted it, as opposed to one that only has the right name. */
export function isOurs({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.[MANAGED_BY] === OURS || metadata.annotations?.[MANAGED] !== undefined;
}

/** Any text pauses except an empty one and `false`: a typing error must not let a write through. */
export function isPaused({ metadata }: KubernetesObject): boolean {
  const text = metadata.annotations?.[PAUSED] ?? '';
  return text !== '' && text !== 'false';
}

/** The field manager of the latest change. */
export function lastWriter({ metadata }: KubernetesObject): string | undefined {
  const latest = (metadata.managedFields ?? []).toSorted((a, b) =>
    (b.time ?? '').localeCompare(a.time ?? ''),
  );
  return latest[0]?.manager;
}

/** The jobs that our annotation names; undefined without one. */
export function managedJobs({ metadata }: KubernetesObject): readonly string[] | undefined {
  const text = metadata.annotations?.[MANAGED];
  return text?.split(',').filter(Boolean).map(decodeJob);
}

/** What our annotation remembers; undefined without one. */
export function memoryOf({ metadata }: KubernetesObject): string | undefined {
  return metadata.annotations?.[MEMORY];
}

/** An object that no job has adopted gets no annotation: its presence alone would make the object ours. */
function annotated({ managed, memory }: Pick<Change, 'managed' | 'memory'>) {
  const annotations = {
    ...(managed.length > 0 && { [MANAGED]: managedText(managed) }),
    ...(memory !== undefined && { [MEMORY]: memory }),
  };
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

/** Names may hold the comma that separates them. */
function managedText(jobs: readonly string[]): string {
  const texts = jobs.map((job) => job.replace(/[%,]/g, encodeURIComponent));
  return [...new Set(texts)].sort().join(',');
}

function decodeJob(text: string): string {
  return text.replace(/%2C/g, ',').replace(/%25/g, '%');
}

/** Size of all values together, in bytes. */
export function bytesOf(object: KubernetesObject, ref: KubernetesRef): number {
  const { data, binaryData, spec = {} } = object;
  const { kind } = ref;
  if (kind === 'scrapeConfig') return Buffer.byteLength(resourceText({ ...headOf(ref), spec }));
  const encoding = kind === 'secret' ? 'base64' : 'utf8';
  let sum = 0;
  for (const value of Object.values(data ?? {})) sum += Buffer.byteLength(value, encoding);
  for (const value of Object.values(binaryData ?? {})) sum += Buffer.byteLength(value, 'base64');
  return sum;
}

/** What identifies a ScrapeConfig; all that an apply has apart from our own fields. */
function headOf(ref: KubernetesRef) {
  const { group, version, kind } = resourceOf(ref);
  const { namespace, name } = ref;
  return { apiVersion: `${group}/${version}`, kind, metadata: { namespace, name } };
}

/** spec.staticConfigs in the text of a ScrapeConfig. */
function listIn(text: string): unknown {
  return JSON.parse(text).spec.staticConfigs;
}

/**
 * A server-side apply of the list of a ScrapeConfig and of our annotations. Everything that is ours is in every apply:
 * what an apply leaves out, the API server removes. Refused if `version` is stale.
 */
export function applyOf(snapshot: Snapshot, ref: KubernetesRef, change: Change) {
  const { apiVersion, kind, metadata } = headOf(ref);
  const text = change.texts.get('') ?? snapshot.texts.get('');
  const memory = change.memory === undefined ? snapshot.memory : (change.memory ?? undefined);
  return {
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      // Without it, an apply creates an object that was deleted after it was read.
      uid: snapshot.uid,
      resourceVersion: snapshot.version,
      ...annotated({ managed: change.managed, memory }),
    },
    spec: { staticConfigs: typeof text === 'string' ? listIn(text) : [] },
  };
}

/** A JSON merge patch (RFC 7396) of these keys and our annotations; refused if `version` is stale. */
export function patchOf(ref: KubernetesRef, version: string, change: Change) {
  return {
    metadata: { resourceVersion: version, ...annotated(change) },
    ...(change.texts.size > 0 && { data: dataOf(ref, change.texts) }),
  };
}

/** The whole object, where it is missing. */
export function newObject(ref: KubernetesRef, change: Change) {
  const { kind, namespace, name } = ref;
  if (kind === 'scrapeConfig') return newScrapeConfig(ref, change);
  return {
    apiVersion: 'v1',
    ...(kind === 'secret' ? { kind: 'Secret', type: 'Opaque' } : { kind: 'ConfigMap' }),
    metadata: {
      namespace,
      name,
      labels: { [MANAGED_BY]: OURS },
      ...annotated(change),
    },
    data: dataOf(ref, change.texts),
  };
}

/**
 * A ScrapeConfig from its template, without the list: that and our annotations are applied to it. What is created
 * belongs to the operation Update of our manager, and no apply of ours could change it.
 */
function newScrapeConfig(ref: KubernetesRef, { texts }: Change) {
  const { metadata = {}, spec, ...template } = JSON.parse(texts.get('') ?? '{}');
  const { staticConfigs, ...others } = spec;
  return {
    ...template,
    metadata: {
      ...metadata,
      ...headOf(ref).metadata,
      labels: { ...metadata.labels, [MANAGED_BY]: OURS },
    },
    spec: others,
  };
}

function dataOf(
  { kind }: KubernetesRef,
  texts: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    [...texts].map(([key, text]) => [
      key,
      kind === 'secret' ? Buffer.from(text).toString('base64') : text,
    ]),
  );
}
