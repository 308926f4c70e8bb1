import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Disk, disk, type OpenFile } from '../../src/objects/file/disk.ts';
import { between, chance } from './chance.ts';
import { Folder } from './disk.ts';

/** One of the two disks, with what another writer does to it. */
interface Side {
  readonly folder: string;
  readonly disk: Disk;
  readonly open: Map<string, OpenFile>;
  save(path: string, text: string | undefined, how: 'in place' | 'rename'): void;
  contents(): Record<string, string>;
}

function realSide(): Side {
  const folder = mkdtempSync(join(tmpdir(), 'simulated-disk-'));
  return {
    folder,
    disk,
    open: new Map(),
    save(path, text, how) {
      if (text === undefined) return rmSync(path, { force: true });
      if (how === 'in place') return writeFileSync(path, text);
      writeFileSync(`${path}.theirs`, text);
      renameSync(`${path}.theirs`, path);
    },
    contents: () =>
      Object.fromEntries(
        readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
      ),
  };
}

function simulatedSide(): Side {
  const folder = new Folder('/f');
  return {
    folder: '/f',
    disk: folder.disk(
      async () => undefined,
      () => undefined,
    ),
    open: new Map(),
    save: (path, text, how) => folder.save(path, text, how),
    contents: () =>
      Object.fromEntries(folder.names().map((name) => [name, folder.text(`/f/${name}`) ?? ''])),
  };
}

const NAMES = ['a', 'b', '.a.tmp'];

/** One step on one side: what it returns, or the code of its error. */
async function step(side: Side, keys: readonly number[]): Promise<unknown> {
  const pick = <T>(values: readonly T[], about: string) =>
    values[between(0, values.length, ...keys, about)] as T;
  const [name, other] = [pick(NAMES, 'name'), pick(NAMES, 'other')];
  const [path, to] = [join(side.folder, name), join(side.folder, other)];
  const text = `text ${keys.join('.')}`;
  const steps: Record<string, () => unknown> = {
    create: () => side.disk.create(path, Buffer.from(text), undefined),
    open: async () => {
      side.open.set('it', await side.disk.open(path));
      return 'opened';
    },
    read: async () => String(await side.open.get('it')?.bytes()),
    size: async () => (await side.open.get('it')?.facts())?.size,
    facts: async () => {
      const { isFile, size } = await side.disk.facts(path);
      return [isFile, size];
    },
    folder: async () => (await side.disk.facts(side.folder)).isFolder,
    isTaken: () => side.disk.isTaken(path),
    replace: () => side.disk.replace(path, to, ({ size }) => size > 0n),
    'replace not': () => side.disk.replace(path, to, () => false),
    link: () => side.disk.link(path, to),
    remove: () => side.disk.remove(path),
    names: async () => (await side.disk.names(side.folder)).sort(),
    writable: () => side.disk.checkWritable(path),
    save: () => side.save(path, text, chance(...keys, 'how') < 0.5 ? 'in place' : 'rename'),
    delete: () => side.save(path, undefined, 'rename'),
  };
  const what = pick(Object.keys(steps), 'what');
  // A file cannot take its own place, nor be linked to itself, in any way that a run would do.
  if (name === other && /replace|link/.test(what)) return what;
  try {
    return [what, await steps[what]?.()];
  } catch (error) {
    return [what, (error as NodeJS.ErrnoException).code];
  }
}

test('the simulated disk does what a real one does, over sequences that no person chose', async () => {
  for (let seed = 0; seed < 60; seed++) {
    const [real, simulated] = [realSide(), simulatedSide()];
    for (let n = 0; n < 40; n++) {
      const [theirs, ours] = [await step(real, [seed, n]), await step(simulated, [seed, n])];
      expect(ours, `step ${n} of ${seed}`).toEqual(theirs);
      expect(simulated.contents(), `after step ${n} of ${seed}`).toEqual(real.contents());
    }
    await real.open.get('it')?.close();
    rmSync(real.folder, { recursive: true });
  }
});

test('a save makes another version, in either way; a file that another takes the place of keeps its text', async () => {
  for (const side of [realSide(), simulatedSide()]) {
    const path = join(side.folder, 'a');
    side.save(path, 'one', 'rename');
    const first = await side.disk.facts(path);
    const open = await side.disk.open(path);
    await new Promise((resolve) => setTimeout(resolve, 20));
    side.save(path, 'two', 'in place');
    const second = await side.disk.facts(path);
    expect([second.ino === first.ino, second.ctime > first.ctime]).toEqual([true, true]);
    expect([second.mtime > first.mtime, String(await open.bytes())]).toEqual([true, 'two']);
    side.save(path, 'one', 'rename');
    expect((await side.disk.facts(path)).ino).not.toBe(second.ino);
    expect(String(await open.bytes())).toBe('two');
    expect((await open.facts()).mtime).toBe(second.mtime);
    await open.close();
    if (side.folder !== '/f') rmSync(side.folder, { recursive: true });
  }
});
