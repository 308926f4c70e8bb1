import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Planted, planted } from './planted.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const MOST = 20_000;
const found: [name: string, history: number][] = [];

/** The number of the first history that breaks a promise with this fault in the product; none: undefined. */
async function firstBroken({ file, from, to }: Planted): Promise<number | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  try {
    for (const part of ['src', 'test/simulation', 'package.json']) {
      cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const path = join(folder, 'src', file);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(from, () => to),
    );
    const args = ['--histories', String(MOST), '--seed', '1', '--workers', '1'];
    const output = await new Promise<string>((resolve) => {
      const main = join(folder, 'test/simulation/main.ts');
      // Each copy would fill the compile cache with files of its own.
      const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
      execFile(process.execPath, [main, ...args], { env }, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    const [, nth] = /, the (\d+)th history, breaks a promise/.exec(output) ?? [];
    if (nth === undefined && !output.includes('no promise broken')) throw new Error(output);
    return nth === undefined ? undefined : Number(nth);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each(planted)('the place of a fault is in the product once: $name', ({ file, from }) => {
  expect(readFileSync(join(ROOT, 'src', file), 'utf8').split(from)).toHaveLength(2);
});

describe.concurrent(`a fault is found within ${MOST} histories`, () => {
  test.for(planted)('$name', async (fault, { expect }) => {
    const history = await firstBroken(fault);
    if (history !== undefined) found.push([fault.name, history]);
    expect(history).toBeGreaterThan(0);
  });
});

afterAll(() => {
  const slowest = found.sort(([, a], [, b]) => b - a).slice(0, 5);
  for (const [name, history] of slowest) console.log(`history ${history}: ${name}`);
});
