import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import type { ObjectRef } from '../../../src/location.ts';
import { type Disk, disk } from '../../../src/objects/file/disk.ts';
import { fileObjects } from '../../../src/objects/file/file.ts';
import { seededRandom } from '../faults/random.ts';

const SAVES = 1_500;

/*
 * Another writer saves at a random moment of each write, in the same process: so it never falls between the check and
 * the rename, which are one step there. Between processes that step takes some microseconds; README, Promises.
 */
test('no save by another writer is lost, at whatever moment of a write it comes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'file-races-'));
  const path = join(folder, 'prometheus.yml');
  const object: ObjectRef = { kind: 'file', path };
  const random = seededRandom('file races');
  const run = { signal: new AbortController().signal };
  const saved: string[] = [];
  writeFileSync(path, 'list 0\n');

  const save = () => {
    const text = `${readFileSync(path, 'utf8')}# save ${saved.length}\n`;
    saved.push(`# save ${saved.length}`);
    if (random() < 0.5) return writeFileSync(path, text);
    writeFileSync(join(folder, 'theirs'), text);
    renameSync(join(folder, 'theirs'), path);
  };
  // One save before the nth step of a write.
  let step = 0;
  let at = 0;
  const stepped = new Proxy(disk, {
    get(target, name: keyof Disk) {
      const method = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (step++ === at) save();
        return method.apply(target, args);
      };
    },
  });
  const files = fileObjects(stepped);
  let written = 0;
  let conflicts = 0;
  while (saved.length < SAVES) {
    const snapshot = await fileObjects().read(object, { create: false }, run);
    const text = `${snapshot.texts.get('')}`.replace(/list \d+/, `list ${written + conflicts}`);
    step = 0;
    at = Math.floor(random() * 14);
    try {
      await files.write(snapshot, { texts: new Map([['', text]]), managed: [] }, run);
      written += 1;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'conflict') throw error;
      conflicts += 1;
    }
    const now = readFileSync(path, 'utf8');
    for (const one of saved.slice(-3)) expect(now).toContain(`${one}\n`);
    if (random() < 0.01) await setTimeout(5);
  }
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(lines.filter((line) => line.startsWith('# save'))).toEqual(saved);
  expect(written).toBeGreaterThan(SAVES / 20);
  expect(conflicts).toBeGreaterThan(SAVES / 5);
  console.log(
    `${saved.length} saves during writes: ${conflicts} conflicts, ${written} written, 0 lost`,
  );
  rmSync(folder, { recursive: true });
});
