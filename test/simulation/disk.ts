import type { Disk, Facts } from '../../src/objects/file/disk.ts';
import type { At } from './time.ts';

interface Inode {
  ino: bigint;
  bytes: Uint8Array;
  mtime: bigint;
  ctime: bigint;
  mode: number;
}

/** One folder of files in memory. */
export class Folder {
  readonly path: string;
  readonly #files = new Map<string, Inode>();
  #tick = 1n;

  constructor(path: string) {
    this.path = path;
  }

  text(path: string): string | undefined {
    const file = this.#files.get(path);
    return file && Buffer.from(file.bytes).toString();
  }

  names(): string[] {
    return [...this.#files.keys()].map((path) => path.slice(this.path.length + 1));
  }

  /** Another writer's save: into the same file, or by a rename; undefined removes it. */
  save(path: string, text: string | undefined, how: 'in place' | 'rename'): void {
    if (text === undefined) {
      this.#files.delete(path);
      return;
    }
    const old = this.#files.get(path);
    const bytes = Buffer.from(text);
    if (old && how === 'in place') {
      old.bytes = bytes;
      old.mtime = old.ctime = ++this.#tick;
    } else {
      this.#files.set(path, this.#inode(bytes, old?.mode ?? 0o644));
    }
  }

  /** The disk as a run sees it. `replaced` sees what it does to the file. */
  disk(at: At, replaced: (path: string, before: string | undefined, after: string) => void): Disk {
    const find = (path: string) => {
      const file = this.#files.get(path);
      if (!file) throw failure('ENOENT', path);
      return file;
    };
    return {
      realpath: async (path) => {
        await at('disk realpath');
        find(path);
        return path;
      },
      facts: async (path) => {
        await at('disk facts');
        return path === this.path ? FOLDER : factsOf(find(path));
      },
      isTaken: async (path) => {
        await at('disk isTaken');
        return this.#files.has(path);
      },
      checkWritable: async (path) => {
        await at('disk checkWritable');
        find(path);
      },
      open: async (path) => {
        await at('disk open');
        const file = find(path);
        return {
          facts: async () => {
            await at('disk facts');
            return factsOf(file);
          },
          bytes: async () => {
            await at('disk bytes');
            return Buffer.from(file.bytes);
          },
          close: async () => undefined,
        };
      },
      create: async (path, bytes, like) => {
        await at('disk create');
        if (this.#files.has(path)) throw failure('EEXIST', path);
        this.#files.set(path, this.#inode(bytes, like?.mode ?? 0o644));
        await at('disk sync');
      },
      replace: (from, path, isExpected) => {
        const old = find(path);
        if (!isExpected(factsOf(old))) return false;
        const file = find(from);
        replaced(path, Buffer.from(old.bytes).toString(), Buffer.from(file.bytes).toString());
        // Of two names of one file, rename leaves both (POSIX).
        if (file === old) return true;
        this.#files.delete(from);
        this.#files.set(path, file);
        old.ctime = ++this.#tick;
        return true;
      },
      link: async (from, path) => {
        await at('disk link');
        const file = find(from);
        if (this.#files.has(path)) throw failure('EEXIST', path);
        replaced(path, undefined, Buffer.from(file.bytes).toString());
        this.#files.set(path, file);
        file.ctime = ++this.#tick;
      },
      remove: async (path) => {
        await at('disk remove');
        if (!this.#files.delete(path)) throw failure('ENOENT', path);
      },
      names: async () => {
        await at('disk names');
        return this.names();
      },
      sync: () => at('disk sync folder'),
      pause: () => at('disk pause'),
      // All runs of a history are of this process.
      isRunning: () => false,
    };
  }

  #inode(bytes: Uint8Array, mode: number): Inode {
    const tick = ++this.#tick;
    return { ino: tick, bytes, mtime: tick, ctime: tick, mode };
  }
}

const FOLDER = { isFile: false, isFolder: true } as Facts;

const factsOf = ({ ino, bytes, mtime, ctime, mode }: Inode): Facts => ({
  isFile: true,
  isFolder: false,
  ino,
  size: BigInt(bytes.length),
  mtime,
  ctime,
  uid: 0,
  gid: 0,
  mode,
});

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
