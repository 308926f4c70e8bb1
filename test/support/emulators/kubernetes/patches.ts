import { isDeepStrictEqual } from 'node:util';
import { ApiError, badRequest } from './status.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Applies a patch by its content type; undefined: no such type. The target is not changed. */
export function patched(type: string, target: Json, patch: Json): Json | undefined {
  switch (type) {
    case 'application/merge-patch+json':
      return mergePatch(target, mapOf(patch));
    case 'application/strategic-merge-patch+json':
      return strategicMergePatch(target, mapOf(patch));
    case 'application/json-patch+json':
      return jsonPatch(target, patch);
    default:
      return undefined;
  }
}

function mapOf(patch: Json): JsonObject {
  if (isObject(patch)) return patch;
  const is = Array.isArray(patch) ? 'array' : typeof patch;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${is} into Go value of type map[string]interface {}`,
  );
}

/** RFC 7386. */
function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else define(result, key, mergePatch(result[key], value));
  }
  return result;
}

/**
 * Strategic merge: maps merge as in RFC 7386 and know `$patch: replace` and `$patch: delete`; lists are replaced, which is
 * right for all that ConfigMaps and Secrets hold, but not for a pod's containers. kubectl's `$retainKeys` and
 * `$setElementOrder` only speak about lists that merge.
 */
function strategicMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const { $patch: directive, ...rest } = patch;
  if (directive === 'delete') return {};
  const result: JsonObject = isObject(target) && directive !== 'replace' ? { ...target } : {};
  for (const [key, value] of Object.entries(rest)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete result[key];
    else define(result, key, strategicMergePatch(result[key], value));
  }
  return result;
}

/** Keys such as `__proto__` are keys like any other. */
function define(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** RFC 6902. */
function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  let document = structuredClone(target);
  for (const step of patch) {
    if (!isObject(step)) throw rejected();
    const { op, path, from, value = null } = step;
    if (typeof path !== 'string') throw rejected();
    if (op === 'test') {
      if (!isDeepStrictEqual(read(document, path), value)) throw rejected();
    } else if (op === 'remove') document = remove(document, path);
    else if (op === 'add') document = add(document, path, value);
    else if (op === 'replace') document = add(remove(document, path), path, value);
    else if ((op === 'move' || op === 'copy') && typeof from === 'string') {
      const moved = structuredClone(read(document, from));
      if (op === 'move') document = remove(document, from);
      document = add(document, path, moved);
    } else throw rejected();
  }
  return document;
}

function steps(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: Json, path: string): Json {
  return steps(path).reduce<Json>((at, step) => {
    if (Array.isArray(at)) return at[index(step, at.length - 1)] as Json;
    if (isObject(at) && Object.hasOwn(at, step)) return at[step] as Json;
    throw rejected();
  }, document);
}

function remove(document: Json, path: string): Json {
  read(document, path);
  const last = steps(path).at(-1);
  const parent = read(document, path.slice(0, path.lastIndexOf('/')));
  if (last === undefined) return null;
  if (Array.isArray(parent)) parent.splice(index(last, parent.length - 1), 1);
  else if (isObject(parent)) delete parent[last];
  return document;
}

function add(document: Json, path: string, value: Json): Json {
  const last = steps(path).at(-1);
  if (last === undefined) return value;
  const parent = read(document, path.slice(0, path.lastIndexOf('/')));
  if (Array.isArray(parent)) {
    parent.splice(last === '-' ? parent.length : index(last, parent.length), 0, value);
  } else if (isObject(parent)) define(parent, last, value);
  else throw rejected();
  return document;
}

function index(step: string, highest: number): number {
  if (!/^\d+$/.test(step) || Number(step) > highest) throw rejected();
  return Number(step);
}

/** kube-apiserver says no more than this when a JSON patch does not fit. */
function rejected(): ApiError {
  return new ApiError(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
  );
}
