import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { type Planted, planted } from './planted.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const MOST = 20_000;
const found: [name: string, history: number][] = [];

/** The number of the first history that breaks a promise with this fault in the product; none: undefined. */
async function firstBroken({ file, from, to }: Planted): Promise<number | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  try {
    const path = join(ROOT, 'src', file);
    const contents = readFileSync(path, 'utf8').replace(from, () => to);
    // In a few files, which Node.js loads in half the time of the sources.
    await build({
      entryPoints: [join(ROOT, 'test/simulation/main.ts')],
      ...{ bundle: true, splitting: true, packages: 'external' },
      ...{ platform: 'node', target: 'node24', format: 'esm' },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      plugins: [
        {
          name: 'planted',
          setup: ({ onLoad }) =>
            onLoad({ filter: /\.ts$/ }, (loaded) =>
              loaded.path === path ? { contents, loader: 'ts' } : undefined,
            ),
        },
      ],
    });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const args = ['--histories', String(MOST), '--seed', '1', '--workers', '1'];
    const output = await new Promise<string>((resolve) => {
      const main = join(folder, 'main.mjs');
      // Each build would fill the compile cache with files of its own.
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
