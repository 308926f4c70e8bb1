import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asFault, Fault } from '../../fault.ts';
import { placeText } from '../../location.ts';
import type { Run } from '../../records/records.ts';
import { throwIfOver } from '../../run.ts';
import type { Documents, Location, Snapshot, Written } from '../documents.ts';
import { decodeText } from '../text.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Documents that are files. The version is a digest of the bytes, so a file that another writer put back
 * as it was counts as unchanged. Symbolic links are followed: the link stays, its target is replaced.
 *
 * read throws `file-missing`, `file-failed`, `document-broken`; write throws `conflict`, `file-failed`.
 */
export function fileDocuments(): Documents {
  return { read, write };
}

async function read(
  location: Location,
  { create }: { create: boolean },
  run: Run,
): Promise<Snapshot> {
  const path = pathOf(location);
  throwIfOver(run, `before ${placeText(location)} was read`);
  const bytes = await readBytes(path, create).catch((error) => {
    throw fileFault(error, location, 'read');
  });
  return {
    location,
    text: bytes && decodeText(bytes, placeText(location)),
    version: bytes && digest(bytes),
    adopted: 'always',
    paused: false,
    otherBytes: 0,
  };
}

async function write(
  snapshot: Snapshot,
  text: string,
  _managed: readonly string[],
  run: Run,
): Promise<Written> {
  const { location } = snapshot;
  throwIfOver(run, `before ${placeText(location)} was written`);
  const replaced = await replaceText(snapshot, text).catch((error) => {
    throw fileFault(error, location, 'written');
  });
  if (!replaced) throw new Fault('conflict', `${placeText(location)} has changed meanwhile`);
  return { status: 'written', version: digest(Buffer.from(text)) };
}

/** undefined: it is not there, and may be created. */
async function readBytes(path: string, create: boolean): Promise<Buffer | undefined> {
  try {
    // Reading a pipe or a device could wait for ever, and a rename would put an end to it.
    if (!(await stat(path)).isFile()) throw new Fault('file-failed', `${path} is no regular file`);
    return await readFile(path);
  } catch (error) {
    if (create && codeOf(error) === 'ENOENT' && (await canBeCreated(path))) return undefined;
    throw error;
  }
}

/** Not where the folder is missing too, nor behind a symbolic link to nothing: both are mistakes. */
async function canBeCreated(path: string): Promise<boolean> {
  if (await lstat(path).catch(() => undefined)) return false;
  const folder = await stat(dirname(path)).catch(() => undefined);
  return folder?.isDirectory() ?? false;
}

async function replaceText({ location, version }: Snapshot, text: string): Promise<boolean> {
  const bytes = Buffer.from(text);
  if (version === undefined) {
    const stillWanted = async () => true;
    return replaceFile({ path: pathOf(location), bytes, instead: undefined, stillWanted });
  }
  // Resolved once: what is compared is what is replaced, wherever the link is made to point meanwhile.
  const path = await realpath(pathOf(location));
  // A rename asks for the folder's permission only; whoever made the file read-only meant it.
  await access(path, constants.W_OK);
  const stillWanted = async () => digest(await readFile(path)) === version;
  return replaceFile({ path, bytes, instead: await stat(path), stillWanted });
}

function fileFault(error: unknown, location: Location, done: 'read' | 'written'): Fault {
  if (error instanceof Fault) return error;
  const place = placeText(location);
  const code = codeOf(error);
  // The file went, or came, after it was read.
  const meanwhile = done === 'written' && (code === 'ENOENT' || code === 'EEXIST');
  if (meanwhile) return new Fault('conflict', `${place} has changed meanwhile`, { cause: error });
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Fault('file-missing', `${place} does not exist`, { cause: error });
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
  EBUSY: 'it is a mount point of its own, which cannot be replaced: mount its folder instead',
  ENOSPC: 'no space left',
  EDQUOT: 'the disk quota is used up',
  ELOOP: 'its symbolic links go in a circle',
  EISDIR: 'it is a folder',
};

function pathOf(location: Location): string {
  if (location.kind === 'file') return location.path;
  throw new Fault('internal', `${placeText(location)} is not a file`);
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
