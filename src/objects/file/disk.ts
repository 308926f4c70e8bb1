import { renameSync, statSync } from 'node:fs';
import {
  access,
  constants,
  link,
  lstat,
  open,
  readdir,
  realpath,
  stat,
  unlink,
} from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** What identifies a version of a file, and what its replacement takes over. */
export interface Facts {
  readonly isFile: boolean;
  readonly isFolder: boolean;
  readonly ino: bigint;
  readonly size: bigint;
  /** Nanoseconds. */
  readonly mtime: bigint;
  readonly ctime: bigint;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** A file that stays readable after its name has been given to another. */
export interface OpenFile {
  facts(): Promise<Facts>;
  bytes(): Promise<Buffer>;
  close(): Promise<void>;
}

/** The file system, as far as a file is read and replaced. Throws Node.js's errors, with their `code`. */
export interface Disk {
  realpath(path: string): Promise<string>;
  facts(path: string): Promise<Facts>;
  /** Something has this name, if only a dangling symbolic link. */
  isTaken(path: string): Promise<boolean>;
  open(path: string): Promise<OpenFile>;
  /** Throws EACCES where the file may not be written. */
  checkWritable(path: string): Promise<void>;
  /** A new file, on the disk when this returns, with the mode and owner of `like`. */
  create(path: string, bytes: Uint8Array, like: Facts | undefined): Promise<void>;
  /**
   * Gives `path` the file `from`, if what has that name until then is as expected. Nothing else of this process
   * happens between the two, and of other processes only what comes within some microseconds.
   */
  replace(from: string, path: string, isExpected: (facts: Facts) => boolean): boolean;
  /** Gives a file a second name; EEXIST where that is taken. */
  link(from: string, path: string): Promise<void>;
  remove(path: string): Promise<void>;
  names(folder: string): Promise<string[]>;
  /** Makes renames in the folder durable. Some file systems do not support it. */
  sync(folder: string): Promise<void>;
  pause(milliseconds: number): Promise<void>;
  /** Whether a process of this machine has this id. */
  isRunning(pid: number): boolean;
}

type Stats = Awaited<ReturnType<typeof statOf>>;
const statOf = (path: string) => stat(path, { bigint: true });

function factsOf(stats: Stats): Facts {
  return {
    isFile: stats.isFile(),
    isFolder: stats.isDirectory(),
    ino: stats.ino,
    size: stats.size,
    mtime: stats.mtimeNs,
    ctime: stats.ctimeNs,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mode: Number(stats.mode) & 0o7777,
  };
}

export const disk: Disk = {
  realpath: (path) => realpath(path),
  facts: async (path) => factsOf(await statOf(path)),
  isTaken: (path) =>
    lstat(path).then(
      () => true,
      () => false,
    ),
  checkWritable: (path) => access(path, constants.W_OK),
  link,
  remove: unlink,
  names: (folder) => readdir(folder),

  async open(path) {
    const handle = await open(path, 'r');
    return {
      facts: async () => factsOf(await handle.stat({ bigint: true })),
      async bytes() {
        const { size } = await handle.stat();
        const chunks: Buffer[] = [];
        for (let position = 0; ; ) {
          const buffer = Buffer.alloc(Math.max(size - position, 4_096));
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
          if (bytesRead === 0) return Buffer.concat(chunks);
          chunks.push(buffer.subarray(0, bytesRead));
          position += bytesRead;
        }
      },
      close: () => handle.close(),
    };
  },

  async create(path, bytes, like) {
    // A configuration with passwords must not be readable in the moment before it has its mode.
    const handle = await open(path, 'wx', like ? 0o600 : 0o644);
    try {
      if (like) {
        // Only root may change the owner; other users become the owner of what they write.
        await handle.chown(like.uid, like.gid).catch(() => undefined);
        await handle.chmod(like.mode);
      }
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  replace(from, path, isExpected) {
    if (!isExpected(factsOf(statSync(path, { bigint: true })))) return false;
    renameSync(from, path);
    return true;
  },

  async sync(folder) {
    const handle = await open(folder, 'r').catch(() => undefined);
    await handle?.sync().catch(() => undefined);
    await handle?.close();
  },

  pause: (milliseconds) => setTimeout(milliseconds),

  isRunning(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ESRCH';
    }
  },
};
