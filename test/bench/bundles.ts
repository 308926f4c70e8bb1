import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { minifyFile } from '../../infra/bundle/minify.ts';
import { functionOptions } from '../../infra/bundle/options.ts';
import { unpackFunction } from '../support/packaged.ts';
import { temporaryFolder } from '../support/parts/process.ts';

export const root = join(import.meta.dirname, '../..');
export const dist = join(root, 'dist');

/** A folder as Lambda's /var/task: what is packaged with these settings, or another bundle next to them. */
export function deployed(bundle: string | undefined, settings: string): string {
  const folder = temporaryFolder('bench-function');
  if (bundle === undefined) {
    unpackFunction(folder, settings);
  } else {
    writeFileSync(join(folder, 'federation-sync.yml'), settings);
    copyFileSync(bundle, join(folder, 'index.mjs'));
  }
  return folder;
}

/** What a bare node loads: no bundle at all. */
export function bare(): string {
  const folder = temporaryFolder('bench-bare');
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = async () => ({});\n');
  return folder;
}

/** A folder with the least that makes the same calls (floor.ts), bundled as the function is. */
export async function buildFloor(): Promise<string> {
  const folder = temporaryFolder('bench-floor');
  const outfile = join(folder, 'index.mjs');
  const entryPoints = ['test/bench/floor.ts'];
  await build({ ...functionOptions, absWorkingDir: root, entryPoints, outfile });
  await minifyFile(outfile);
  return folder;
}

/** The program to compare with, by esbuild's own choices for Node. Answers its path. */
export async function buildPlain(): Promise<string> {
  const outfile = join(temporaryFolder('bench-plain'), 'index.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['test/bench/plain.ts'],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return outfile;
}
