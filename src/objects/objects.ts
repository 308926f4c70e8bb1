import { Fault } from '../fault.ts';
import type { Place } from '../job.ts';
import { type KubernetesRef, keyOf, type ObjectRef, objectText } from '../location.ts';
import type { Run } from '../run.ts';
import type { Warning } from '../target.ts';

/** An object as it was read, with the version by which its write is refused if another writer was faster. */
export interface Snapshot {
  readonly object: ObjectRef;
  /** Every value of the object by key, that of a file under ''. A Fault is why a value is not a text. */
  readonly texts: ReadonlyMap<string, string | Fault>;
  /** The precondition of the write: resourceVersion, or a digest of the file. undefined: the object is missing. */
  readonly version: string | undefined;
  /** Of a ScrapeConfig: with it, a write cannot create the object again. */
  readonly uid?: string | undefined;
  /** Jobs that our annotation names; undefined without one. Files have no annotations: 'always'. */
  readonly adopted: readonly string[] | 'always' | undefined;
  /** We created the object or adopted it, so keys may be added to it. */
  readonly ours: boolean;
  /** What our annotation remembers of removals; undefined without one, and for a file. */
  readonly memory: string | undefined;
  readonly paused: boolean;
  /** Size of all values together in bytes; 0 for a file. */
  readonly bytes: number;
  /** The field manager that changed the object last; undefined where that is unknown. */
  readonly lastWriter: string | undefined;
}

/** What a write sets. */
export interface Change {
  /** Texts to replace or add, by key. */
  readonly texts: ReadonlyMap<string, string>;
  /** The jobs that our annotation names. */
  readonly managed: readonly string[];
  /** What our annotation remembers: null removes it, undefined leaves it as it is. */
  readonly memory?: string | null | undefined;
}

/** The result of a write. */
export interface Written {
  readonly status: 'written' | 'planned';
  /** The version that the write left; undefined in a dry run, and for a file. */
  readonly version: string | undefined;
  /** What a dry run could not try. */
  readonly warnings: readonly Warning[];
}

/** The result of a write that was only tried. */
export const PLANNED: Written = { status: 'planned', version: undefined, warnings: [] };

/**
 * Reads and writes objects. A dry run is another Objects, which tries the write as far as the server allows it.
 *
 * `read` throws `object-missing` or `file-missing` unless `create` is set. A write with a stale version throws
 * `conflict`; a write without an answer, which may have been applied, throws `write-unknown`.
 */
export interface Objects {
  read(object: ObjectRef, options: { readonly create: boolean }, run: Run): Promise<Snapshot>;
  /** One request; of a ScrapeConfig that is created, two: the template, then its list. */
  write(snapshot: Snapshot, change: Change, run: Run): Promise<Written>;
}

/** All kinds of objects behind one port. Either is opened when the first of its objects is read. */
export function objectsOf(files: () => Promise<Objects>, kubernetes: () => Objects): Objects {
  let openFiles: Promise<Objects> | undefined;
  let openKubernetes: Objects | undefined;
  const of = <T>({ kind }: ObjectRef, act: (objects: Objects) => Promise<T>): Promise<T> => {
    if (kind === 'file') {
      openFiles ??= files();
      return openFiles.then(act);
    }
    openKubernetes ??= kubernetes();
    return act(openKubernetes);
  };
  return {
    read: (object, options, run) => of(object, (objects) => objects.read(object, options, run)),
    write: (snapshot, change, run) =>
      of(snapshot.object, (objects) => objects.write(snapshot, change, run)),
  };
}

/**
 * The document of a place; undefined where it is missing and the place may create it.
 *
 *     object   key      create  text
 *     there    there    -       its text
 *     there    missing  no      key-missing
 *     there    missing  yes     undefined if the object is ours, else object-not-ours
 *     missing  -        no      object-missing, file-missing
 *     missing  -        yes     undefined
 *
 * @throws Fault also `document-broken`, where the value is not a text
 */
export function textAt(
  snapshot: Snapshot,
  { location, create }: Pick<Place, 'location' | 'create'>,
): string | undefined {
  const { object, ours, texts, version } = snapshot;
  const key = keyOf(location);
  const text = texts.get(key);
  if (text instanceof Fault) throw text;
  if (text !== undefined) return text;
  if (version === undefined && !create) throw objectMissing(object);
  if (version === undefined || (create && ours)) return undefined;
  if (create) {
    const why = `has no key ${key}, and is not ours to add one`;
    throw new Fault('object-not-ours', `${objectText(object)} ${why}`);
  }
  const keys = [...texts.keys()].sort().join(', ') || 'none';
  throw new Fault('key-missing', `${objectText(object)} has no key ${key} (its keys: ${keys})`);
}

/** The annotation names the job. */
export function isAdopted({ adopted }: Pick<Snapshot, 'adopted'>, job: string): boolean {
  return adopted === 'always' || (adopted?.includes(job) ?? false);
}

export function objectMissing(object: ObjectRef, cause?: unknown): Fault {
  const code = object.kind === 'file' ? 'file-missing' : 'object-missing';
  return new Fault(code, `${objectText(object)} does not exist`, { cause });
}

/**
 * What an object's values may be together, keys and metadata not counted: MaxSecretSize, which holds for
 * ConfigMaps too (k8s.io/kubernetes, pkg/apis/core/validation).
 */
export const LARGEST_OBJECT = 1024 * 1024;

/** The most that etcd accepts by default (--max-request-bytes), where Kubernetes has no limit of its own. */
const LARGEST_REQUEST = 1.5 * LARGEST_OBJECT;

/** Bytes. */
export function largestOf({ kind }: ObjectRef): number {
  return kind === 'scrapeConfig' ? LARGEST_REQUEST : LARGEST_OBJECT;
}

/** The annotation with what was removed, and what is kept. */
export const MEMORY = 'route53-federation-sync/gone';

/** The annotation that a person sets on an object that is to be left alone. */
export const PAUSED = 'route53-federation-sync/paused';

/** The command that removes the memory; the next sync begins a new one. */
export function resetCommand(object: ObjectRef): string {
  return object.kind === 'file' ? '' : annotateCommand(object, `${MEMORY}-`);
}

export function annotateCommand({ kind, namespace, name }: KubernetesRef, change: string): string {
  return `kubectl annotate ${kind.toLowerCase()} ${name} -n ${namespace} ${change}`;
}

/** Fault `object-too-large` where the object would be with these texts; files have no limit. */
export function sizeFault(
  { object, texts: before, bytes }: Snapshot,
  texts: ReadonlyMap<string, string>,
): Fault | undefined {
  if (object.kind === 'file') return undefined;
  let size = bytes;
  for (const [key, text] of texts) {
    const old = before.get(key);
    size += Buffer.byteLength(text) - (typeof old === 'string' ? Buffer.byteLength(old) : 0);
  }
  const largest = largestOf(object);
  if (size <= largest) return undefined;
  const written = [...texts]
    .map(([key, text]) => `${Buffer.byteLength(text)} in ${key || 'its list and spec'}`)
    .join(', ');
  return new Fault(
    'object-too-large',
    `${objectText(object)} would hold ${size} bytes (${written}), and Kubernetes accepts ${largest}`,
  );
}
