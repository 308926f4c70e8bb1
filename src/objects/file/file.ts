import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asFault, Fault } from '../../fault.ts';
import { type ObjectRef, objectText } from '../../location.ts';
import { throwIfOver } from '../../run.ts';
import { type Objects, objectMissing, PLANNED, type Snapshot } from '../objects.ts';
import { decodeText } from '../text.ts';
import { replaceFile } from './replace-file.ts';

/** Reads files as usual, and writes nothing. */
export function dryRunFiles(): Objects {
  return {
    ...fileObjects(),
    write: async () => PLANNED,
  };
}

/**
 * Files. The version is a digest of the bytes, so a file that another writer changed and changed back counts
 * as unchanged. Symbolic links are followed: the link stays, its target is replaced.
 *
 * read throws `file-missing`, `file-failed`; write throws `conflict`, `file-failed`.
 */
export function fileObjects(): Objects {
  return {
    async read(object, { create }, run) {
      const path = pathOf(object);
      throwIfOver(run, `before ${objectText(object)} was read`);
      const bytes = await readBytes(path, create).catch((error) => {
        throw fileFault(error, object, 'read');
      });
      return {
        object,
        texts: new Map(bytes && [['', decodeText(bytes, objectText(object))]]),
        version: bytes && digest(bytes),
        adopted: 'always',
        memory: undefined,
        ours: true,
        paused: false,
        bytes: 0,
        lastWriter: undefined,
      };
    },

    async write(snapshot, { texts }, run) {
      const { object } = snapshot;
      throwIfOver(run, `before ${objectText(object)} was written`);
      const replaced = await replaceText(snapshot, texts.get('') ?? '').catch((error) => {
        throw fileFault(error, object, 'written');
      });
      if (!replaced) throw new Fault('conflict', `${objectText(object)} changed after it was read`);
      return { status: 'written', version: undefined, warnings: [] };
    },
  };
}

/** undefined: the file is missing, and may be created. */
async function readBytes(path: string, create: boolean): Promise<Buffer | undefined> {
  try {
    // Reading a pipe or a device could block forever, and a rename would replace it.
    if (!(await stat(path)).isFile())
      throw new Fault('file-failed', `${path} is not a regular file`);
    return await readFile(path);
  } catch (error) {
    if (create && codeOf(error) === 'ENOENT' && (await canBeCreated(path))) return undefined;
    throw error;
  }
}

/** Not where the folder is missing too, nor through a dangling symbolic link: both are mistakes. */
async function canBeCreated(path: string): Promise<boolean> {
  if (await lstat(path).catch(() => undefined)) return false;
  const folder = await stat(dirname(path)).catch(() => undefined);
  return folder?.isDirectory() ?? false;
}

async function replaceText({ object, version }: Snapshot, text: string): Promise<boolean> {
  const bytes = Buffer.from(text);
  if (version === undefined) {
    const stillWanted = async () => true;
    return replaceFile({ path: pathOf(object), bytes, instead: undefined, stillWanted });
  }
  // Resolved once: the file that is compared is the one that is replaced, even if the link changes.
  const path = await realpath(pathOf(object));
  // A rename needs write permission on the folder only; a read-only file must stay as it is.
  await access(path, constants.W_OK);
  const stillWanted = async () => digest(await readFile(path)) === version;
  return replaceFile({ path, bytes, instead: await stat(path), stillWanted });
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

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
