import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ManagedFieldsEntry } from './resources.ts';

/** Fields as paths, each a JSON list of keys: `["data"]` is the map itself, `["data","prometheus.yml"]` its entry. */
export type Paths = Set<string>;

/** Never owned: the server writes them. */
const SYSTEM = new Set(
  'name namespace uid resourceVersion generation creationTimestamp selfLink managedFields'.split(
    ' ',
  ),
);

/**
 * Who owns what after a write. Fields that were added or whose value changed go to the writer; fields that are gone have
 * no owner; the rest does not change. Lists count as one value. Of server-side apply: apply.ts.
 */
export function managedFieldsAfter(
  before: KubeObject | undefined,
  after: KubeObject,
  manager: string,
  now: Date,
): ManagedFieldsEntry[] {
  // An object that lost all its entries is no longer tracked.
  if (before && !before.metadata.managedFields) return [];
  const [old, young] = [valuesOf(before), valuesOf(after)];
  const mine: Paths = new Set();
  for (const [path, value] of young) {
    if (!old.has(path) || !isDeepStrictEqual(old.get(path), value)) mine.add(path);
  }
  const time = now.toISOString().replace(/\.\d+/, '');
  const entries: ManagedFieldsEntry[] = [];
  let found = false;
  for (const entry of before?.metadata.managedFields ?? []) {
    const isMine = entry.manager === manager && entry.operation === 'Update';
    const kept = [...readFields(entry.fieldsV1)].filter(
      (path) => young.has(path) && !mine.has(path),
    );
    const paths = new Set(isMine ? [...kept, ...mine] : kept);
    found ||= isMine;
    if (paths.size === 0) continue;
    const grew = isMine && mine.size > 0;
    entries.push({ ...entry, time: grew ? time : entry.time, fieldsV1: writeFields(paths) });
  }
  if (!found && mine.size > 0) {
    entries.push({
      manager,
      operation: 'Update',
      apiVersion: after.apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: writeFields(mine),
    });
  }
  return entries.sort((a, b) => compare(a.time, b.time) || compare(a.manager, b.manager));
}

/** Maps have the value `{}` here: it matters that they are there, their entries have paths of their own. */
export function valuesOf(object: KubeObject | undefined): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const visit = (value: unknown, path: string[]) => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    // `metadata` itself is never owned, only what it holds.
    if (path.length > 0 && !(path.length === 1 && path[0] === 'metadata')) {
      values.set(JSON.stringify(path), isMap ? {} : value);
    }
    if (!isMap) return;
    for (const [key, one] of Object.entries(value)) {
      if (path.length === 0 && (key === 'apiVersion' || key === 'kind')) continue;
      // The server's own, as long as nobody else writes it.
      if (object?.kind === 'Namespace' && path.length === 0 && key !== 'metadata') continue;
      if (path.length === 1 && path[0] === 'metadata' && SYSTEM.has(key)) continue;
      visit(one, [...path, key]);
    }
  };
  if (object) visit(object, []);
  return values;
}

interface Fields {
  [key: string]: Fields;
}

/** `{"f:data":{".":{},"f:a":{}}}`; a map owned without any entry is `{"f:data":{}}`. */
export function writeFields(paths: Paths): Fields {
  const root: Fields = {};
  for (const path of [...paths].sort()) {
    let at = root;
    for (const key of JSON.parse(path) as string[]) at = at[`f:${key}`] ??= {};
  }
  const mark = (fields: Fields, path: string[]) => {
    for (const [key, inner] of Object.entries(fields)) {
      if (key === '.') continue;
      const here = [...path, key.slice(2)];
      mark(inner, here);
      if (Object.keys(inner).length > 0 && paths.has(JSON.stringify(here))) {
        fields[key] = { '.': {}, ...inner };
      }
    }
  };
  mark(root, []);
  return root;
}

export function readFields(fields: object, path: string[] = []): Paths {
  const paths: Paths = new Set();
  for (const [key, inner] of Object.entries(fields as Fields)) {
    if (key === '.') {
      paths.add(JSON.stringify(path));
      continue;
    }
    const here = [...path, key.slice(2)];
    const below = readFields(inner, here);
    if (below.size === 0) paths.add(JSON.stringify(here));
    for (const one of below) paths.add(one);
  }
  return paths;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
