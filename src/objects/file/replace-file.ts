import { createHash, randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { Disk, Facts, OpenFile } from './disk.ts';

/**
 * The version of a file: a save by another writer changes it, even one that brings an earlier text back.
 * `ctime` alone would not do: its clock ticks every few milliseconds.
 */
export function versionOf({ ino, size, ctime }: Facts, bytes: Uint8Array): string {
  return `${ino}-${size}-${ctime}-${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Replaces a file as a whole: at any moment, a reader sees the old bytes or the new ones, even after a kill.
 * Returns false, and changes nothing, where the file is not the version that was read.
 *
 *     write temporary -> mode, owner -> fsync -> still that version? -> rename -> saved in between? -> fsync folder
 *
 * A save into the same file in the last moment before the rename is found in the file that was open, and put back.
 * One by rename in the microseconds between check and rename cannot be found: no system call of Node.js compares and
 * renames in one.
 *
 * @param path not a symbolic link: the name itself is replaced
 */
export async function replaceFile(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  version: string,
): Promise<boolean> {
  const old = await disk.open(path);
  try {
    const read = await old.facts();
    if (versionOf(read, await old.bytes()) !== version) return false;
    const isOurs = await withTemporary(disk, path, bytes, read, async (temporary) => {
      const ours = await disk.facts(temporary);
      if (!disk.replace(temporary, path, (facts) => isSame(facts, read))) return undefined;
      return (facts: Facts) => facts.ino === ours.ino && facts.mtime === ours.mtime;
    });
    if (!isOurs) return false;
    if (await isSavedSince(read, old)) {
      await untilQuiet(disk, old);
      const saved = await old.bytes();
      await withTemporary(disk, path, saved, read, async (temporary) =>
        disk.replace(temporary, path, isOurs),
      );
      return false;
    }
  } finally {
    await old.close();
  }
  await disk.sync(dirname(path));
  return true;
}

/** Creates a file; throws EEXIST if another writer was first. */
export async function createFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  await withTemporary(disk, path, bytes, undefined, (temporary) => disk.link(temporary, path));
  await disk.sync(dirname(path));
}

/**
 * A temporary file in the same folder, because a rename is atomic only within one file system. Its name starts with
 * a dot and ends in .tmp, so that no glob for *.yml or *.json matches it.
 */
async function withTemporary<T>(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  like: Facts | undefined,
  use: (temporary: string) => Promise<T>,
): Promise<T> {
  const name = `.${basename(path)}.${process.pid}-${randomUUID()}.tmp`;
  const temporary = join(dirname(path), name);
  try {
    await disk.create(temporary, bytes, like);
    return await use(temporary);
  } finally {
    // After a rename, this name does not exist any more.
    await disk.remove(temporary).catch(() => undefined);
  }
}

/** Removes what killed runs left. (A run in another container that seems dead only starts over: its file is missing.) */
export async function removeLeftOvers(disk: Disk, path: string): Promise<void> {
  const prefix = `.${basename(path)}.`;
  for (const name of await disk.names(dirname(path)).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const [, pid] = /^(\d+)-[-0-9a-f]{36}\.tmp$/.exec(name.slice(prefix.length)) ?? [];
    if (pid === undefined || disk.isRunning(Number(pid))) continue;
    await disk.remove(join(dirname(path), name)).catch(() => undefined);
  }
}

const isSame = (a: Facts, b: Facts) => a.ino === b.ino && a.size === b.size && a.ctime === b.ctime;

/** The rename itself changes ctime, so only the other two show it. */
async function isSavedSince(read: Facts, old: OpenFile): Promise<boolean> {
  const { mtime, size } = await old.facts();
  return mtime !== read.mtime || size !== read.size;
}

/** Most editors empty the file first and write then: what is put back must be the whole. */
async function untilQuiet(disk: Disk, old: OpenFile): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const before = await old.facts();
    await disk.pause(10);
    if (!(await isSavedSince(before, old))) return;
  }
}
