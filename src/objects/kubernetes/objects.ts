import { Fault } from '../../fault.ts';
import { objectText, placeText } from '../../location.ts';
import type { Run } from '../../records/records.ts';
import type { Documents, Location, Snapshot, Written } from '../documents.ts';
import { type Call, writeUnknown } from './call.ts';
import type { KubernetesClient } from './client.ts';
import {
  asObject,
  checkSize,
  holds,
  isOurs,
  isPaused,
  type KubernetesObject,
  managedJobs,
  newObject,
  type ObjectLocation,
  OURS,
  otherBytes,
  patchOf,
  textOf,
} from './object.ts';

/**
 * Documents that are keys of ConfigMaps and Secrets. The version is the object's resourceVersion: any
 * change of the object in between refuses the write.
 *
 *     object   key   create  read answers             write sends
 *     there    yes   -       its text                 PATCH of key and annotation
 *     there    no    no      key-missing
 *     there    no    yes     no text, if ours         PATCH of key and annotation
 *                            object-not-ours, if not
 *     missing  -     no      object-missing
 *     missing  -     yes     no text and no version   POST of the object
 */
export class KubernetesDocuments implements Documents {
  readonly #client: KubernetesClient;

  constructor(client: KubernetesClient) {
    this.#client = client;
  }

  async read(location: Location, { create }: { create: boolean }, run: Run): Promise<Snapshot> {
    const place = asObjectLocation(location);
    const object = await this.#find(place, run);
    if (!object) {
      if (!create) throw new Fault('object-missing', `${objectText(place)} does not exist`);
      const nothing = { text: undefined, version: undefined, adopted: undefined };
      return { location, ...nothing, paused: false, otherBytes: 0 };
    }
    const text = textOf(object, place);
    if (text === undefined) refuseKey(object, place, create);
    return {
      location,
      text,
      version: object.metadata.resourceVersion,
      adopted: managedJobs(object),
      paused: isPaused(object),
      otherBytes: otherBytes(object, place),
    };
  }

  async write(
    snapshot: Snapshot,
    text: string,
    managed: readonly string[],
    run: Run,
  ): Promise<Written> {
    const place = asObjectLocation(snapshot.location);
    const content = { text, jobs: managed };
    checkSize(place, text, snapshot.otherBytes);
    if (snapshot.version === undefined) {
      const body = newObject(place, content);
      const post = { method: 'POST', path: collectionPath(place), body } as const;
      return this.#change(post, 'create', place, text, run);
    }
    const patch = {
      method: 'PATCH',
      path: objectPath(place),
      body: patchOf(place, snapshot.version, content),
      contentType: 'application/merge-patch+json',
    } as const;
    return this.#change(patch, 'patch', place, text, run).catch((error) => {
      if (!(error instanceof Fault) || error.code !== 'object-missing') throw error;
      throw new Fault('conflict', `${objectText(place)} was deleted meanwhile`, { cause: error });
    });
  }

  /** undefined: the API server says that it does not exist. */
  async #find(place: ObjectLocation, run: Run): Promise<KubernetesObject | undefined> {
    const to = `get ${objectText(place)}`;
    const call: Call = { method: 'GET', path: objectPath(place), to, harmless: true };
    try {
      const object = asObject(await this.#client.call(call, run), place);
      if (object) return object;
    } catch (error) {
      if (error instanceof Fault && error.code === 'object-missing') return undefined;
      throw error;
    }
    throw new Fault('kubernetes-unavailable', `could not ${to}: the answer is no such object`);
  }

  async #change(
    { path, ...rest }: Omit<Call, 'to' | 'harmless'>,
    verb: string,
    place: ObjectLocation,
    text: string,
    run: Run,
  ): Promise<Written> {
    const to = `${verb} ${objectText(place)}`;
    const change = { ...rest, path: `${path}?fieldManager=${OURS}`, to, harmless: false };
    const object = asObject(await this.#client.call(change, run), place);
    // An answer from elsewhere, or from another time, says nothing about this write.
    if (!object || !holds(object, place, text)) {
      throw writeUnknown(change, 'the answer is not the object as it was sent');
    }
    return { status: 'written', version: object.metadata.resourceVersion };
  }
}

/** Throws unless the missing key may be added to the object. */
function refuseKey(object: KubernetesObject, place: ObjectLocation, create: boolean): void {
  if (create && isOurs(object)) return;
  if (create) {
    const why = `has no key ${place.key}, and is not ours to add one`;
    throw new Fault('object-not-ours', `${objectText(place)} ${why}`);
  }
  const keys =
    Object.keys(object.data ?? {})
      .sort()
      .join(', ') || 'none';
  throw new Fault(
    'key-missing',
    `${objectText(place)} has no key ${place.key} (there is: ${keys})`,
  );
}

function collectionPath({ kind, namespace }: ObjectLocation): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${kind.toLowerCase()}s`;
}

function objectPath(place: ObjectLocation): string {
  return `${collectionPath(place)}/${encodeURIComponent(place.name)}`;
}

function asObjectLocation(location: Location): ObjectLocation {
  if (location.kind !== 'file') return location;
  throw new Fault('internal', `${placeText(location)} is no object of Kubernetes`);
}
