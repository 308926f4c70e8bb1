import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { User } from './authorization.ts';
import { managedFieldsAfter } from './managed-fields.ts';
import {
  type KubeObject,
  type ManagedFieldsEntry,
  type ResourceType,
  typeOfKind,
} from './resources.ts';
import { ApiError, alreadyExists, badRequest, conflict, notFound } from './status.ts';
import type { ObjectStore } from './store.ts';
import { validate } from './validation.ts';

export interface Write {
  /** Who owns what afterwards, where that is not as after an update. */
  readonly owned?: (after: KubeObject) => ManagedFieldsEntry[];
  readonly manager: string;
  readonly user: User;
  readonly dryRun: boolean;
}

/** What admission may look at. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly type: ResourceType;
  readonly user: User;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

/** Refuses by throwing an ApiError (see webhookDenial, quotaExceeded). */
export type Admission = (request: AdmissionRequest) => void;

/**
 * Creating, updating and deleting, in the order kube-apiserver goes: precondition, then the fields the server owns, then
 * validation, then admission, then the write, which is left out where nothing changed.
 */
export class Objects {
  readonly #store: ObjectStore;
  admission: Admission | undefined;
  now: () => Date = () => new Date();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  read(type: ResourceType, namespace: string | undefined, name: string): KubeObject {
    const found = this.#store.get(type.name, namespace, name);
    if (!found) throw notFound(type, name);
    return found;
  }

  create(
    type: ResourceType,
    namespace: string | undefined,
    given: KubeObject,
    write: Write,
  ): KubeObject {
    if (given.metadata.resourceVersion) {
      throw new ApiError(
        500,
        undefined,
        'resourceVersion should not be set on objects to be created',
      );
    }
    checkNamespace(given, namespace);
    if (namespace !== undefined) this.read(typeOfKind('Namespace'), undefined, namespace);
    const object = structuredClone(given);
    const { metadata } = object;
    if (!metadata.name && metadata.generateName) {
      metadata.name = metadata.generateName + randomBytes(4).toString('hex').slice(0, 5);
    }
    const { name, generateName, ...rest } = metadata;
    delete rest.managedFields;
    object.metadata = {
      ...(name === undefined ? {} : { name }),
      ...(generateName === undefined ? {} : { generateName }),
      ...(namespace === undefined ? {} : { namespace }),
      ...rest,
      uid: randomUUID(),
      creationTimestamp: this.now().toISOString().replace(/\.\d+/, ''),
    };
    complete(type, object);
    validate(type, undefined, object);
    if (name !== undefined && this.#store.get(type.name, namespace, name)) {
      throw alreadyExists(type, name);
    }
    object.metadata.managedFields =
      write.owned?.(object) ?? managedFieldsAfter(undefined, object, write.manager, this.now());
    this.#admit('CREATE', type, write, object, undefined);
    return write.dryRun ? object : this.#store.put(type.name, object);
  }

  update(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    write: Write,
    change: (before: KubeObject) => KubeObject,
  ): KubeObject {
    const before = this.read(type, namespace, name);
    const object = structuredClone(change(structuredClone(before)));
    const { metadata } = object;
    if (metadata.name !== name) {
      throw badRequest(
        `the name of the object (${metadata.name ?? ''}) does not match the name on the URL (${name})`,
      );
    }
    checkNamespace(object, namespace);
    checkResourceVersion(type, name, metadata.resourceVersion, before.metadata.resourceVersion);
    const kept = before.metadata;
    metadata.uid ??= kept.uid as string;
    metadata.resourceVersion = kept.resourceVersion as string;
    metadata.creationTimestamp = kept.creationTimestamp as string;
    if (namespace !== undefined) metadata.namespace = namespace;
    object.metadata = inOrder(metadata);
    complete(type, object);
    validate(type, before, object);
    const owned =
      write.owned?.(object) ?? managedFieldsAfter(before, object, write.manager, this.now());
    if (owned.length > 0) object.metadata.managedFields = owned;
    else delete object.metadata.managedFields;
    this.#admit('UPDATE', type, write, object, before);
    if (isDeepStrictEqual(object, before)) return before;
    return write.dryRun ? object : this.#store.put(type.name, object);
  }

  delete(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    write: Write,
    preconditions: { uid?: string; resourceVersion?: string } = {},
  ): KubeObject {
    const before = this.read(type, namespace, name);
    const { uid, resourceVersion } = before.metadata;
    const differs = (what: string, given: string, is: string | undefined, hint: string) =>
      new ApiError(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${type.kind} "${name}": the ${what} in the precondition (${given}) does not match the ${what} in record (${is}). The object might have been ${hint}`,
        { name, kind: type.kind },
      );
    if (preconditions.uid !== undefined && preconditions.uid !== uid) {
      throw differs('UID', preconditions.uid, uid, 'deleted and then recreated');
    }
    if (
      preconditions.resourceVersion !== undefined &&
      preconditions.resourceVersion !== resourceVersion
    ) {
      throw differs('ResourceVersion', preconditions.resourceVersion, resourceVersion, 'modified');
    }
    this.#admit('DELETE', type, write, undefined, before);
    if (!write.dryRun) this.#store.delete(type.name, namespace, name);
    return before;
  }

  #admit(
    operation: AdmissionRequest['operation'],
    type: ResourceType,
    { user }: Write,
    object: KubeObject | undefined,
    oldObject: KubeObject | undefined,
  ): void {
    this.admission?.({ operation, type, user, object, oldObject });
  }
}

function checkNamespace({ metadata }: KubeObject, namespace: string | undefined): void {
  if (metadata.namespace === undefined || metadata.namespace === namespace) return;
  throw badRequest(
    'the namespace of the provided object does not match the namespace sent on the request',
  );
}

function checkResourceVersion(
  type: ResourceType,
  name: string,
  given: string | undefined,
  is: string | undefined,
): void {
  if (given === undefined || given === '' || given === '0' || given === is) return;
  if (/^\d+$/.test(given)) throw conflict(type, name);
  throw new ApiError(
    500,
    undefined,
    `strconv.ParseUint: parsing ${JSON.stringify(given)}: invalid syntax`,
  );
}

/** What the server adds to an object of this kind. */
function complete(type: ResourceType, object: KubeObject): void {
  if (type.kind !== 'Namespace') return;
  const { metadata } = object;
  metadata.labels = { 'kubernetes.io/metadata.name': metadata.name ?? '', ...metadata.labels };
  object.spec ??= { finalizers: ['kubernetes'] };
  object.status ??= { phase: 'Active' };
}

/** kube-apiserver's order of metadata, so that answers read alike. */
function inOrder(metadata: KubeObject['metadata']): KubeObject['metadata'] {
  const first =
    'name generateName namespace uid resourceVersion generation creationTimestamp labels annotations';
  const ordered = first.split(' ').filter((field) => metadata[field] !== undefined);
  const entries = ordered.map((field) => [field, metadata[field]]);
  return { ...Object.fromEntries(entries), ...metadata };
}

/** A validating webhook's refusal. */
export function webhookDenial(webhook: string, message: string, code = 403): ApiError {
  const said = message === '' ? ' without explanation' : `: ${message}`;
  return new ApiError(
    code,
    code === 403 ? 'Forbidden' : undefined,
    `admission webhook "${webhook}" denied the request${said}`,
  );
}

/** What the ResourceQuota plugin says. Example of `counts`: `requested: count/configmaps=1, used: count/configmaps=5, limited: count/configmaps=5`. */
export function quotaExceeded(request: AdmissionRequest, quota: string, counts: string): ApiError {
  const { name } = (request.object ?? request.oldObject)?.metadata ?? {};
  return new ApiError(
    403,
    'Forbidden',
    `${request.type.name} "${name}" is forbidden: exceeded quota: ${quota}, ${counts}`,
    { ...(name === undefined ? {} : { name }), kind: request.type.name },
  );
}
