import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface Replacement {
  /** No symbolic link: the name itself is replaced. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The file to take the place of, for its mode and owner; undefined: no file of that name may be there. */
  readonly instead: Stats | undefined;
  /** Asked right before the file is put in its place. */
  readonly stillWanted: () => Promise<boolean>;
}

/**
 * Puts a file in its place whole: a reader, or a process killed at any moment, finds the old bytes or the
 * new ones. Answers false, and changes nothing, when the replacement is no longer wanted.
 *
 *     write temporary -> mode, owner -> fsync -> still wanted? -> rename (or link) -> fsync folder
 *
 * The temporary file stands in the same folder, since a rename is atomic within one file system only, and
 * its name starts with a dot and ends in .tmp, so that no glob for *.yml or *.json finds it.
 */
export async function replaceFile({
  path,
  bytes,
  instead,
  stillWanted,
}: Replacement): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  // Nobody else may read a configuration with passwords in the moment before it has its mode.
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
    // Unlike rename, link fails where another writer was first (EEXIST).
    else await link(temporary, path);
  } finally {
    // After a rename there is nothing of that name any more.
    await unlink(temporary).catch(() => undefined);
  }
  await syncFolder(folder);
  return true;
}

async function takeAfter(handle: FileHandle, { uid, gid, mode }: Stats): Promise<void> {
  // Only root may give files away; everyone else becomes the owner of what they write.
  await handle.chown(uid, gid).catch(() => undefined);
  await handle.chmod(mode & 0o7777);
}

/** Without it a power cut could bring the old name back. Some file systems do not offer it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
