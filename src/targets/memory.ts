import { compare } from './targets.ts';

/**
 * The hosts of a list that are gone: those that a run removed, and those that `keep` still holds in the list
 * although their name is gone. Which of the two a host is shows in the list itself.
 */
export interface Gone {
  /** Since when, in seconds since 1970; for a removed host, when it was removed. */
  readonly hosts: ReadonlyMap<string, number>;
  /** Removed hosts that are only counted, because there were too many to name; the time is that of the latest. */
  readonly more: { readonly count: number; readonly at: number };
}

/** By list: `prometheus.yml/federate` is the list of job federate in that key of the object. */
export type Memory = ReadonlyMap<string, Gone>;

export const NOTHING_GONE: Gone = { hosts: new Map(), more: { count: 0, at: 0 } };

/** All annotations of an object may be 256 KiB together (k8s.io/apimachinery, TotalAnnotationSizeLimitB). */
const LARGEST_MEMORY = 64 * 1024;

/** The list of a job in a key of an object; no key has a slash. */
export const listId = (job: string, key: string): string => `${key}/${job}`;

/** What an annotation remembers: `{"v":1,"lists":{"prometheus.yml/federate":{"gone":{"a.internal":1764165600}}}}`. */
export function readMemory(text: string | undefined): Memory | 'garbled' {
  if (text === undefined || text === '') return new Map();
  try {
    const { v, lists } = JSON.parse(text) as { v?: unknown; lists?: unknown };
    if (v !== 1) return 'garbled';
    return new Map(entriesOf(lists).map(([id, gone]) => [id, readGone(gone)]));
  } catch {
    return 'garbled';
  }
}

function readGone(raw: unknown): Gone {
  const { gone = {}, more = [0, 0] } = Object.fromEntries(entriesOf(raw));
  const hosts = entriesOf(gone).map(([host, at]) => [host, timeOf(at)] as const);
  if (!Array.isArray(more) || more.length !== 2) throw new TypeError('more is not a pair');
  return { hosts: new Map(hosts), more: { count: timeOf(more[0]), at: timeOf(more[1]) } };
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('not a mapping');
  }
  return Object.entries(value);
}

function timeOf(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError('not a whole number');
}

/**
 * The annotation that remembers this; undefined: nothing. Where it would be too large, the hosts that were removed
 * first are merged into their list's count. Kept hosts cannot be: those that went last are forgotten, so their
 * time starts again once there is room.
 *
 * @param isKept whether a host is still in that list
 */
export function memoryText(
  memory: Memory,
  isKept: (id: string, host: string) => boolean,
): string | undefined {
  const rows = [...memory].flatMap(([id, { hosts }]) =>
    [...hosts].map(([host, at]) => ({ id, host, at, kept: isKept(id, host) })),
  );
  rows.sort(
    (a, b) =>
      Number(b.kept) - Number(a.kept) ||
      (a.kept ? a.at - b.at : b.at - a.at) ||
      compare(a.host, b.host),
  );
  const lists = new Map([...memory].map(([id, { more }]) => [id, { gone: [] as Row[], more }]));
  let size = [...lists.keys()].reduce((sum, id) => sum + OVERHEAD + bytesOf(id), OVERHEAD);
  for (const { id, host, at, kept } of rows) {
    const list = lists.get(id) as { gone: Row[]; more: Gone['more'] };
    size += bytesOf(host) + `:${at},`.length;
    if (size <= LARGEST_MEMORY) list.gone.push([host, at]);
    else if (!kept) list.more = { count: list.more.count + 1, at: Math.max(list.more.at, at) };
  }
  const written = [...lists].filter(([, { gone, more }]) => gone.length + more.count > 0);
  if (written.length === 0) return undefined;
  const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => compare(a, b);
  const entries = written.sort(byKey).map(([id, { gone, more }]) => [
    id,
    {
      ...(gone.length > 0 && { gone: Object.fromEntries(gone.sort(byKey)) }),
      ...(more.count > 0 && { more: [more.count, more.at] }),
    },
  ]);
  return JSON.stringify({ v: 1, lists: Object.fromEntries(entries) });
}

type Row = [host: string, at: number];

/** More than braces, keys and a count of a list need. */
const OVERHEAD = 64;

const bytesOf = (text: string) => Buffer.byteLength(JSON.stringify(text));
