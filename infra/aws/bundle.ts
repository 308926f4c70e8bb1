import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';

/**
 * What a packaged function never loads: its settings are data, and may name neither a kubeconfig, nor a file of records,
 * nor a file to write (see settings.ts).
 */
const LEFT_OUT = ['find.mjs', 'kubeconfig.mjs', 'export-file.mjs', 'file.mjs'];

/** The code of a packaged function, by the path in its zip: index.mjs, and the files that it loads from there. */
export function functionFiles(dist: string): Record<string, Buffer> {
  const metafiles: Metafile[] = JSON.parse(readFileSync(join(dist, 'function.meta.json'), 'utf8'));
  const outputs = new Map(
    metafiles.flatMap(({ outputs }) =>
      Object.entries(outputs).map(([path, output]) => [basename(path), output] as const),
    ),
  );
  const found = new Set(['index.mjs']);
  for (const name of found) {
    for (const { path } of outputs.get(name)?.imports ?? []) {
      const next = basename(path);
      if (outputs.has(next) && !LEFT_OUT.includes(next)) found.add(next);
    }
  }
  return Object.fromEntries(
    [...found].map((name) => [name, readFileSync(join(dist, 'function', name))]),
  );
}
