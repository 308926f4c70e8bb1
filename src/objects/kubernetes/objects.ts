import { Fault } from '../../fault.ts';
import { type KubernetesRef, type ObjectRef, objectText } from '../../location.ts';
import type { Run } from '../../run.ts';
import {
  type Change,
  type Objects,
  objectMissing,
  PLANNED,
  type Snapshot,
  type Written,
} from '../objects.ts';
import { type Call, writeUnknown } from './call.ts';
import type { KubernetesClient } from './client.ts';
import {
  applyOf,
  asObject,
  bytesOf,
  holds,
  isOurs,
  isPaused,
  type KubernetesObject,
  lastWriter,
  managedJobs,
  memoryOf,
  newObject,
  OURS,
  patchOf,
  textsOf,
} from './object.ts';
import { collectionPath, objectPath } from './resource.ts';

/**
 * ConfigMaps, Secrets and ScrapeConfigs. The version is the object's resourceVersion: any change of the object in between
 * refuses the write. An object that exists is patched, one that is missing is created.
 */
export class KubernetesObjects implements Objects {
  readonly #client: KubernetesClient;
  readonly #dryRun: boolean;

  /** A dry run sends its writes with dryRun=All: the API server checks them, and stores nothing. */
  constructor(client: KubernetesClient, options: { readonly dryRun?: boolean } = {}) {
    this.#client = client;
    this.#dryRun = options.dryRun ?? false;
  }

  async read(ref: ObjectRef, { create }: { create: boolean }, run: Run): Promise<Snapshot> {
    const object = asKubernetes(ref);
    const found = await this.#find(object, run);
    if (!found && !create) throw objectMissing(object);
    return {
      object,
      texts: found ? textsOf(found, object) : new Map(),
      version: found?.metadata.resourceVersion,
      ...(object.kind === 'scrapeConfig' && { uid: found?.metadata.uid }),
      adopted: found && managedJobs(found),
      memory: found && memoryOf(found),
      ours: found === undefined || isOurs(found),
      paused: found !== undefined && isPaused(found),
      bytes: found ? bytesOf(found, object) : 0,
      lastWriter: found && lastWriter(found),
    };
  }

  async write(snapshot: Snapshot, change: Change, run: Run): Promise<Written> {
    const { texts } = change;
    const object = asKubernetes(snapshot.object);
    if (snapshot.version === undefined) {
      const body = newObject(object, change);
      const post = { method: 'POST', path: collectionPath(object), body } as const;
      if (object.kind === 'scrapeConfig') return this.#createAndApply(snapshot, change, post, run);
      return this.#change(post, 'create', object, texts, run);
    }
    const applied = object.kind === 'scrapeConfig';
    const patch = {
      method: 'PATCH',
      path: objectPath(object),
      body: applied ? applyOf(snapshot, object, change) : patchOf(object, snapshot.version, change),
      contentType: `application/${applied ? 'apply-patch+yaml' : 'merge-patch+json'}`,
    } as const;
    return this.#change(patch, 'patch', object, texts, run).catch((error) => {
      if (!(error instanceof Fault) || error.code !== 'object-missing') throw error;
      throw new Fault('conflict', `${objectText(object)} was deleted after it was read`, {
        cause: error,
      });
    });
  }

  /** The list of an object that does not exist cannot be tried: the dry run creates it with the list. */
  async #createAndApply(
    snapshot: Snapshot,
    change: Change,
    post: Omit<Call, 'to' | 'safeToRepeat'>,
    run: Run,
  ): Promise<Written> {
    const object = asKubernetes(snapshot.object);
    const none = new Map<string, string>();
    if (this.#dryRun) {
      const body = JSON.parse(change.texts.get('') ?? '{}');
      const whole = { ...(post.body as object), spec: body.spec };
      return this.#change({ ...post, body: whole }, 'create', object, change.texts, run);
    }
    const { uid, version } = await this.#change(post, 'create', object, none, run);
    return this.write({ ...snapshot, uid, version }, change, run);
  }

  /** undefined: the API server answers that it does not exist. */
  async #find(object: KubernetesRef, run: Run): Promise<KubernetesObject | undefined> {
    const to = `get ${objectText(object)}`;
    const call: Call = { method: 'GET', path: objectPath(object), to, safeToRepeat: true };
    try {
      const found = asObject(await this.#client.call(call, run), object);
      if (found) return found;
    } catch (error) {
      if (error instanceof Fault && error.code === 'object-missing') return undefined;
      throw error;
    }
    throw new Fault('kubernetes-unavailable', `could not ${to}: the answer is not that object`);
  }

  async #change(
    { path, ...rest }: Omit<Call, 'to' | 'safeToRepeat'>,
    verb: string,
    object: KubernetesRef,
    texts: ReadonlyMap<string, string>,
    run: Run,
  ): Promise<Written & { readonly uid?: string | undefined }> {
    const to = `${verb} ${objectText(object)}`;
    // A misspelled field of a template would be dropped silently.
    const strict = rest.method === 'POST' ? '&fieldValidation=Strict' : '';
    const query = `fieldManager=${OURS}${this.#dryRun ? '&dryRun=All' : ''}${strict}`;
    const change = { ...rest, path: `${path}?${query}`, to, safeToRepeat: this.#dryRun };
    // The annotation alone is not tried: it needs nothing that a list does not need.
    if (this.#dryRun && texts.size === 0) return PLANNED;
    if (this.#dryRun) return this.#try(change, run);
    const answer = asObject(await this.#client.call(change, run), object);
    // An answer from elsewhere, or from another time, says nothing about this write.
    if (!answer || !holds(answer, object, texts)) {
      throw writeUnknown(change, 'the answer is not the object as it was sent');
    }
    const { resourceVersion: version, uid } = answer.metadata;
    const isApplied = object.kind === 'scrapeConfig';
    return { status: 'written', version, ...(isApplied && { uid }), warnings: [] };
  }

  /** Faults of a plan are those that the sync would have, except for a missing permission: it may be meant. */
  async #try(change: Call, run: Run): Promise<Written> {
    try {
      await this.#client.call(change, run);
      return PLANNED;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'kubernetes-forbidden') throw error;
      const message = `RBAC does not allow the write, so it was not checked, and a sync with this identity fails. ${error.remedy}`;
      return { ...PLANNED, warnings: [{ code: 'not-tried', message }] };
    }
  }
}

function asKubernetes(object: ObjectRef): KubernetesRef {
  if (object.kind !== 'file') return object;
  throw new Fault('internal', `${objectText(object)} is not an object of Kubernetes`);
}
