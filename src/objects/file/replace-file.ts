import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface Replacement {
  /** Not a symbolic link: the name itself is replaced. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The file to replace, for its mode and owner; undefined: a file of that name must not exist. */
  readonly instead: Stats | undefined;
  /** Called right before the file is put in its place. */
  readonly stillWanted: () => Promise<boolean>;
}

/**
 * Replaces a file as a whole: at any moment, a reader sees the old bytes or the new ones, even after a
 * kill. Returns false, and changes nothing, when the replacement is no longer wanted.
 *
 *     write temporary -> mode, owner -> fsync -> still wanted? -> rename (or link) -> fsync folder
 *
 * The temporary file is in the same folder, because a rename is atomic only within one file system. Its name
 * starts with a dot and ends in .tmp, so that no glob for *.yml or *.json matches it.
 */
export async function replaceFile({
  path,
  bytes,
  instead,
  stillWanted,
}: Replacement): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  // A configuration with passwords must not be readable in the moment before it has its mode.
  const handle = await open(temporary, 'wx', instead ? 0o600 : 0o644);
  try {
    try {
      if (instead) await takeAfter(handle, instead);
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (!(await stillWanted())) return false;
    if (instead) await rename(temporary, path);
    // Unlike rename, link fails if another writer was first (EEXIST).
    else await link(temporary, path);
  } finally {
    // After a rename, this name does not exist any more.
    await unlink(temporary).catch(() => undefined);
  }
  await syncFolder(folder);
  return true;
}

async function takeAfter(handle: FileHandle, { uid, gid, mode }: Stats): Promise<void> {
  // Only root may change the owner; other users become the owner of what they write.
  await handle.chown(uid, gid).catch(() => undefined);
  await handle.chmod(mode & 0o7777);
}

/** Without it, a power failure could bring the old file back. Some file systems do not support it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
