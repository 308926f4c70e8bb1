import { isDeepStrictEqual } from 'node:util';
import { type Paths, readFields, valuesOf, writeFields } from './managed-fields.ts';
import type { KubeObject, ManagedFieldsEntry, ResourceType } from './resources.ts';
import { ApiError } from './status.ts';

/** An object after a server-side apply, and who owns its fields then. */
interface Applied {
  readonly object: KubeObject;
  readonly owned: (after: KubeObject) => ManagedFieldsEntry[];
}

/** The apply of an object that does not exist. */
export function missing(
  type: ResourceType,
  patch: KubeObject,
  manager: string,
  now: Date,
): Applied {
  const { uid, resourceVersion, ...metadata } = patch.metadata;
  if (uid !== undefined) {
    const name = metadata.name ?? '';
    const qualified = type.group === '' ? type.name : `${type.name}.${type.group}`;
    throw new ApiError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${qualified} "${name}": uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      { name, group: type.group, kind: type.name },
    );
  }
  const mine = entry(patch, manager, now, undefined);
  return { object: { ...patch, metadata }, owned: () => [mine] };
}

/**
 * Server-side apply without force: fields of the patch become the manager's; a field that another manager owns with
 * another value is a conflict; a field that only this manager owned, and the patch lacks, is removed. Lists count as
 * one value (atomic, as spec.staticConfigs is).
 *
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export function applied(
  before: KubeObject,
  patch: KubeObject,
  manager: string,
  now: Date,
): Applied {
  const entries = before.metadata.managedFields ?? [];
  const isMine = (one: ManagedFieldsEntry) => one.manager === manager && one.operation === 'Apply';
  const old = entries.find(isMine);
  const others = entries.filter((one) => !isMine(one));
  const given = leaves(patch);
  const live = valuesOf(before);
  refuseConflicts(others, given, live);
  const object = structuredClone(before);
  const elsewhere = new Set(others.flatMap((one) => [...readFields(one.fieldsV1)]));
  for (const path of old ? readFields(old.fieldsV1) : []) {
    if (!given.has(path) && !elsewhere.has(path)) set(object, JSON.parse(path), undefined);
  }
  for (const [path, value] of given) {
    // An empty map keeps what others have in it.
    const keeps = isDeepStrictEqual(value, {}) && isDeepStrictEqual(live.get(path), {});
    if (!keeps) set(object, JSON.parse(path), value);
  }
  const { uid, resourceVersion } = patch.metadata;
  if (uid !== undefined) object.metadata.uid = uid;
  if (resourceVersion !== undefined) object.metadata.resourceVersion = resourceVersion;
  const owned = (after: KubeObject) => {
    const mine = entry(
      patch,
      manager,
      now,
      isDeepStrictEqual(valuesOf(after), live) ? old : undefined,
    );
    return [mine, ...others];
  };
  return { object, owned };
}

/** A map counts only where it is empty: an apply owns what it holds, not the map. */
function leaves(patch: KubeObject): Map<string, unknown> {
  const isMap = (value: unknown) => isDeepStrictEqual(value, {});
  const all = [...valuesOf(patch)];
  const parents = new Set(
    all.map(([path]) => JSON.stringify((JSON.parse(path) as string[]).slice(0, -1))),
  );
  return new Map(all.filter(([path, value]) => !(isMap(value) && parents.has(path))));
}

function entry(
  patch: KubeObject,
  manager: string,
  now: Date,
  old: ManagedFieldsEntry | undefined,
): ManagedFieldsEntry {
  const paths: Paths = new Set(leaves(patch).keys());
  const fieldsV1 = writeFields(paths);
  const unchanged = old && isDeepStrictEqual(old.fieldsV1, fieldsV1);
  return {
    manager,
    operation: 'Apply',
    apiVersion: patch.apiVersion,
    time: unchanged ? old.time : now.toISOString().replace(/\.\d+/, ''),
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
}

function refuseConflicts(
  others: readonly ManagedFieldsEntry[],
  given: ReadonlyMap<string, unknown>,
  live: ReadonlyMap<string, unknown>,
): void {
  const causes = others.flatMap((one) => {
    const owned = readFields(one.fieldsV1);
    return [...given]
      .filter(([path, value]) => owned.has(path) && !isDeepStrictEqual(live.get(path), value))
      .map(([path]) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${JSON.stringify(one.manager)} using ${one.apiVersion}`,
        field: `.${(JSON.parse(path) as string[]).join('.')}`,
      }));
  });
  if (causes.length === 0) return;
  const texts = causes.map(({ message, field }) => `${message}: ${field}`);
  const count = `${causes.length} conflict${causes.length === 1 ? '' : 's'}`;
  throw new ApiError(409, 'Conflict', `Apply failed with ${count}: ${texts.join('; ')}`, {
    causes,
  });
}

/** undefined removes the field. */
function set(object: object, path: readonly string[], value: unknown): void {
  let at = object as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    at[key] ??= {};
    at = at[key] as Record<string, unknown>;
  }
  const last = path.at(-1) ?? '';
  if (value === undefined) delete at[last];
  else at[last] = value;
}
