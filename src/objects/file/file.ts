import { dirname } from 'node:path';
import { asFault, Fault } from '../../fault.ts';
import { type ObjectRef, objectText } from '../../location.ts';
import { type Run, throwIfOver } from '../../run.ts';
import { type Objects, objectMissing, PLANNED, type Snapshot } from '../objects.ts';
import { decodeText } from '../text.ts';
import { type Disk, disk as realDisk } from './disk.ts';
import { createFile, removeLeftOvers, replaceFile, versionOf } from './replace-file.ts';

/** Reads files as usual, and changes nothing. */
export function dryRunFiles(disk: Disk = realDisk): Objects {
  return {
    read: (object, options, run) => readFile(disk, object, options, run),
    write: async () => PLANNED,
  };
}

/**
 * Files. Any save by another writer makes another version. Symbolic links are followed: the link stays, its target
 * is replaced. Temporary files that killed runs left are removed.
 *
 * read throws `file-missing`, `file-failed`; write throws `conflict`, `file-failed`.
 */
export function fileObjects(disk: Disk = realDisk): Objects {
  return {
    async read(object, options, run) {
      const snapshot = await readFile(disk, object, options, run);
      const path = await disk.realpath(pathOf(object)).catch(() => pathOf(object));
      await removeLeftOvers(disk, path);
      return snapshot;
    },

    async write(snapshot, { texts }, run) {
      const { object } = snapshot;
      throwIfOver(run, `before ${objectText(object)} was written`);
      const replaced = await replaceText(disk, snapshot, texts.get('') ?? '').catch((error) => {
        throw fileFault(error, object, 'written');
      });
      if (!replaced) throw new Fault('conflict', `${objectText(object)} changed after it was read`);
      return { status: 'written', version: undefined, warnings: [] };
    },
  };
}

async function readFile(
  disk: Disk,
  object: ObjectRef,
  { create }: { readonly create: boolean },
  run: Run,
): Promise<Snapshot> {
  throwIfOver(run, `before ${objectText(object)} was read`);
  const found = await readBytes(disk, pathOf(object), create).catch((error) => {
    throw fileFault(error, object, 'read');
  });
  return {
    object,
    texts: new Map(found && [['', decodeText(found.bytes, objectText(object))]]),
    version: found?.version,
    adopted: 'always',
    memory: undefined,
    ours: true,
    paused: false,
    bytes: 0,
    lastWriter: undefined,
  };
}

/** undefined: the file is missing, and may be created. */
async function readBytes(
  disk: Disk,
  path: string,
  create: boolean,
): Promise<{ bytes: Buffer; version: string } | undefined> {
  try {
    // Reading a pipe or a device could block forever, and a rename would replace it.
    if (!(await disk.facts(path)).isFile) {
      throw new Fault('file-failed', `${path} is not a regular file`);
    }
    const file = await disk.open(path);
    try {
      // Before the bytes: a save while they are read makes another version of it.
      const facts = await file.facts();
      const bytes = await file.bytes();
      return { bytes, version: versionOf(facts, bytes) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (create && codeOf(error) === 'ENOENT') {
      if (await canBeCreated(disk, path)) return undefined;
      // Another run may have created it since.
      const isThere = await disk.facts(path).then(
        () => true,
        () => false,
      );
      if (isThere) return readBytes(disk, path, create);
    }
    throw error;
  }
}

/** Not where the folder is missing too, nor through a dangling symbolic link: both are mistakes. */
async function canBeCreated(disk: Disk, path: string): Promise<boolean> {
  if (await disk.isTaken(path)) return false;
  const folder = await disk.facts(dirname(path)).catch(() => undefined);
  return folder?.isFolder ?? false;
}

async function replaceText(
  disk: Disk,
  { object, version }: Snapshot,
  text: string,
): Promise<boolean> {
  const bytes = Buffer.from(text);
  if (version === undefined) {
    await createFile(disk, pathOf(object), bytes);
    return true;
  }
  // Resolved once: the file that is compared is the one that is replaced, even if the link changes.
  const path = await disk.realpath(pathOf(object));
  // A rename needs write permission on the folder only; a read-only file must stay as it is.
  await disk.checkWritable(path);
  return replaceFile(disk, path, bytes, version);
}

function fileFault(error: unknown, object: ObjectRef, done: 'read' | 'written'): Fault {
  if (error instanceof Fault) return error;
  const place = objectText(object);
  const code = codeOf(error);
  // The file was removed, or created, after it was read.
  const changed = done === 'written' && (code === 'ENOENT' || code === 'EEXIST');
  if (changed) return new Fault('conflict', `${place} changed after it was read`, { cause: error });
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return objectMissing(object, error);
  }
  if (code === undefined) return asFault(error);
  const reason = REASONS[code] ?? code;
  return new Fault('file-failed', `${place} cannot be ${done}: ${reason}`, { cause: error });
}

/** What the usual failures mean here. */
const REASONS: Record<string, string> = {
  EACCES: 'permission denied, on the file or its folder',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  EBUSY: 'it is a mount point, which cannot be replaced: mount its folder instead',
  ENOSPC: 'no space left',
  EDQUOT: 'the disk quota is used up',
  ELOOP: 'its symbolic links form a loop',
  EISDIR: 'it is a folder, not a file',
};

function pathOf(object: ObjectRef): string {
  if (object.kind === 'file') return object.path;
  throw new Fault('internal', `${objectText(object)} is not a file`);
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
