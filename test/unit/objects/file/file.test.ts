import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectRef } from '../../../../src/location.ts';
import { type Disk, disk } from '../../../../src/objects/file/disk.ts';
import { fileObjects } from '../../../../src/objects/file/file.ts';
import type { Snapshot } from '../../../../src/objects/objects.ts';

const files = fileObjects();
const run = { signal: new AbortController().signal };
const isRoot = process.getuid?.() === 0;

let folder: string;
let path: string;
let object: ObjectRef;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-place-'));
  path = join(folder, 'prometheus.yml');
  object = { kind: 'file', path };
  writeFileSync(path, 'old\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (snapshot: Snapshot, text: string, within = run) =>
  files.write(snapshot, { texts: new Map([['', text]]), managed: [] }, within);
const read = (create = false) => files.read(object, { create }, run);
const content = () => readFileSync(path, 'utf8');
/** Everything in the folder: nothing temporary may be left. */
const names = () => readdirSync(folder).sort();

describe('reading', () => {
  test('returns the text as it is, including byte order mark and line ends', async () => {
    writeFileSync(path, '\uFEFFa: 1\r\nb: é');
    const snapshot = await read();
    expect(snapshot).toEqual({
      object,
      texts: new Map([['', '\uFEFFa: 1\r\nb: é']]),
      version: expect.any(String),
      adopted: 'always',
      ours: true,
      memory: undefined,
      paused: false,
      bytes: 0,
      lastWriter: undefined,
    });
  });

  test('returns one version until the next save, even one of the same bytes', async () => {
    const first = await read();
    expect((await read()).version).toBe(first.version);
    const versions = new Set([first.version]);
    for (const text of ['other', 'old\n']) {
      // The clock of ctime ticks every few milliseconds.
      await new Promise((resolve) => setTimeout(resolve, 20));
      writeFileSync(path, text);
      versions.add((await read()).version);
    }
    writeFileSync(join(folder, 'x'), 'old\n');
    renameSync(join(folder, 'x'), path);
    versions.add((await read()).version);
    expect(versions.size).toBe(4);
  });

  test('returns a fault for bytes that are not UTF-8', async () => {
    writeFileSync(path, Buffer.from([0x61, 0xff, 0x62]));
    expect((await read()).texts.get('')).toMatchObject({ code: 'document-broken' });
  });

  test('refuses a file that is missing, unless it may be created', async () => {
    rmSync(path);
    await expect(read()).rejects.toMatchObject({ code: 'file-missing' });
    expect(await read(true)).toMatchObject({ texts: new Map(), version: undefined });
  });

  test('reads a file that another run creates while it looks', async () => {
    rmSync(path);
    const racing: Disk = {
      ...disk,
      isTaken: (at) => {
        writeFileSync(path, 'theirs');
        return disk.isTaken(at);
      },
    };
    const snapshot = await fileObjects(racing).read(object, { create: true }, run);
    expect(snapshot.texts.get('')).toBe('theirs');
  });

  test('refuses to create in a folder that is missing', async () => {
    object = { kind: 'file', path: join(folder, 'no', 'such', 'file.yml') };
    await expect(read(true)).rejects.toMatchObject({ code: 'file-missing' });
  });

  test('refuses to create through a dangling symbolic link', async () => {
    rmSync(path);
    symlinkSync(join(folder, 'nothing'), path);
    await expect(read(true)).rejects.toMatchObject({ code: 'file-missing' });
  });

  test('refuses a folder', async () => {
    object = { kind: 'file', path: folder };
    await expect(read()).rejects.toMatchObject({ code: 'file-failed' });
  });

  test('ends with deadline at the timeout', async () => {
    const over = { signal: AbortSignal.abort() };
    await expect(files.read(object, { create: false }, over)).rejects.toMatchObject({
      code: 'deadline',
    });
  });
});

describe('writing', () => {
  test('replaces the text and leaves no other file', async () => {
    expect(await write(await read(), 'new é\n')).toMatchObject({ status: 'written' });
    expect(content()).toBe('new é\n');
    expect(names()).toEqual(['prometheus.yml']);
  });

  test.each([0o600, 0o640, 0o664])('keeps mode %o', async (mode) => {
    chmodSync(path, mode);
    await write(await read(), 'new');
    expect(statSync(path).mode & 0o7777).toBe(mode);
  });

  test.runIf(isRoot)('keeps the owner where it may', async () => {
    const { chownSync } = await import('node:fs');
    chownSync(path, 65534, 65534);
    await write(await read(), 'new');
    expect(statSync(path)).toMatchObject({ uid: 65534, gid: 65534 });
  });

  test.skipIf(isRoot)('respects a file that is read-only', async () => {
    chmodSync(path, 0o444);
    const snapshot = await read();
    await expect(write(snapshot, 'new')).rejects.toMatchObject({
      code: 'file-failed',
    });
    expect(content()).toBe('old\n');
  });

  test('follows a symbolic link and keeps it', async () => {
    mkdirSync(join(folder, 'data'));
    const target = join(folder, 'data', 'real.yml');
    writeFileSync(target, 'old');
    rmSync(path);
    symlinkSync(join('data', 'real.yml'), path);
    await write(await read(), 'new');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(names()).toEqual(['data', 'prometheus.yml']);
  });

  test('is refused as a conflict when the file changed after it was read', async () => {
    const snapshot = await read();
    writeFileSync(path, "another writer's");
    await expect(write(snapshot, 'new')).rejects.toMatchObject({
      code: 'conflict',
      retryable: true,
    });
    expect(content()).toBe("another writer's");
    expect(names()).toEqual(['prometheus.yml']);
  });

  test('is refused as a conflict when other writers brought the text back', async () => {
    const snapshot = await read();
    for (const text of ['newer', 'old\n']) expect(await write(await read(), text)).toBeDefined();
    await expect(write(snapshot, 'an older list')).rejects.toMatchObject({ code: 'conflict' });
    expect(content()).toBe('old\n');
  });

  test.each([
    ['in the same file', (text: string) => writeFileSync(path, text)],
    [
      'by another file of that name',
      (text: string) => {
        writeFileSync(join(folder, 'theirs'), text);
        renameSync(join(folder, 'theirs'), path);
      },
    ],
  ])('keeps a save %s at any moment before the rename', async (_, save) => {
    const steps = ['open', 'checkWritable', 'create'] as const;
    for (const step of steps) {
      writeFileSync(path, 'old\n');
      const between: Disk = { ...disk };
      let saved = false;
      Object.assign(between, {
        [step]: async (...args: never[]) => {
          const result = await (disk[step] as (...args: never[]) => unknown)(...args);
          if (!saved) save(`saved after ${step}`);
          saved = true;
          return result;
        },
      });
      const snapshot = await read();
      const change = { texts: new Map([['', 'new']]), managed: [] };
      await expect(fileObjects(between).write(snapshot, change, run)).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(content()).toBe(`saved after ${step}`);
      expect(names()).toEqual(['prometheus.yml']);
    }
  });

  test('puts a save back that comes into the replaced file at the last moment', async () => {
    const late: Disk = {
      ...disk,
      replace(from, to, isExpected) {
        const handle = openSync(path, 'r+');
        const isReplaced = disk.replace(from, to, isExpected);
        if (content() === 'new') writeSync(handle, 'their save', 0);
        closeSync(handle);
        return isReplaced;
      },
    };
    chmodSync(path, 0o640);
    const change = { texts: new Map([['', 'new']]), managed: [] };
    const written = fileObjects(late).write(await read(), change, run);
    await expect(written).rejects.toMatchObject({ code: 'conflict' });
    expect(content()).toBe('their save');
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    expect(names()).toEqual(['prometheus.yml']);
  });

  test('removes what killed runs left next to it, and nothing else', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const uuid = '00000000-0000-4000-8000-000000000000';
    const left = `.prometheus.yml.${child.pid}-${uuid}.tmp`;
    const others = [
      `.prometheus.yml.${process.pid}-${uuid}.tmp`,
      `.other.yml.${child.pid}-${uuid}.tmp`,
      `.prometheus.yml.${child.pid}.tmp`,
    ];
    for (const name of [left, ...others]) writeFileSync(join(folder, name), '');
    await write(await read(), 'new');
    expect(names()).toEqual([...others, 'prometheus.yml'].sort());
  });

  test('is refused as a conflict when the file was deleted after it was read', async () => {
    const snapshot = await read();
    rmSync(path);
    await expect(write(snapshot, 'new')).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(names()).toEqual([]);
  });

  test('creates a file that was missing', async () => {
    rmSync(path);
    await write(await read(true), 'new');
    expect(content()).toBe('new');
    expect(names()).toEqual(['prometheus.yml']);
  });

  test('is refused as a conflict when another writer created it first', async () => {
    rmSync(path);
    const snapshot = await read(true);
    writeFileSync(path, 'first');
    await expect(write(snapshot, 'new')).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(content()).toBe('first');
    expect(names()).toEqual(['prometheus.yml']);
  });

  test('ends with deadline at the timeout, and writes nothing', async () => {
    const over = { signal: AbortSignal.abort() };
    await expect(write(await read(), 'new', over)).rejects.toMatchObject({
      code: 'deadline',
    });
    expect(content()).toBe('old\n');
  });

  test('leaves the old or the new bytes when it is killed at any moment', async () => {
    const old = 'o'.repeat(300_000);
    const wanted = 'n'.repeat(400_000);
    const module = new URL('../../../../src/objects/file/file.ts', import.meta.url).href;
    const program = `
      import { fileObjects } from ${JSON.stringify(module)};
      const files = fileObjects();
      const run = { signal: new AbortController().signal };
      process.stdout.write('ready');
      for (const text of Array.from({ length: 10_000 }, (_, i) => 'on'[i % 2])) {
        const snapshot = await files.read(${JSON.stringify(object)}, { create: false }, run);
        const length = text === 'o' ? ${old.length} : ${wanted.length};
        await files.write(snapshot, { texts: new Map([['', text.repeat(length)]]), managed: [] }, run);
      }`;
    for (let moment = 0; moment < 6; moment++) {
      writeFileSync(path, old);
      const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, 7 * moment));
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect([old, wanted].includes(content())).toBe(true);
    }
  });
});
