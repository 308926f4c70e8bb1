import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { schemaText } from '../src/commands/schema/json-schema.ts';
import { SCHEMA_FILE } from '../src/commands/schema/schema-file.ts';
import { buildFunction } from './bundle/function.ts';
import { minifyFile } from './bundle/minify.ts';
import { commonOptions, functionOptions } from './bundle/options.ts';

/*
 * node infra/build.ts [FOLDER]       FOLDER defaults to dist
 *
 *     index.mjs          the Lambda in a single file, so that it runs from an empty folder
 *     index.meta.json    esbuild's metafile for it
 *     function/          the same in several: what only some runs need is loaded by those. infra/aws/bundle.ts packages
 *                        it with settings that were validated then, and without what validates them
 *     function.meta.json esbuild's metafile for it
 *     cli.mjs, cli-*     the command line, whose packages stay in node_modules
 *     federation-sync.schema.json     the JSON Schema of the settings, for editors
 */

const folder = process.argv[2] ?? 'dist';

// Names of chunks end in a hash: those of an earlier build would be left.
for (const name of existsSync(folder) ? readdirSync(folder) : []) {
  if (/^(?:cli-.*\.mjs|function)$/.test(name)) rmSync(join(folder, name), { recursive: true });
}
mkdirSync(folder, { recursive: true });

const lambda = {
  ...functionOptions,
  outdir: folder,
  entryPoints: { index: 'src/lambda.ts' },
} satisfies BuildOptions;

const whole = await build(lambda);
writeFileSync(join(folder, 'index.meta.json'), JSON.stringify(whole.metafile));

const metafiles = await buildFunction({ ...lambda, outdir: join(folder, 'function') });
writeFileSync(join(folder, 'function.meta.json'), JSON.stringify(metafiles));

const outputs = [whole.metafile, ...metafiles].flatMap(({ outputs }) => Object.keys(outputs));
await Promise.all(outputs.map((path) => minifyFile(path)));

await build({
  ...commonOptions,
  outdir: folder,
  entryPoints: { cli: 'src/cli.ts' },
  packages: 'external',
  // cli.mjs checks the version of Node.js before it loads the rest.
  splitting: true,
  chunkNames: 'cli-[name]-[hash]',
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync(join(folder, 'cli.mjs'), 0o755);

writeFileSync(join(folder, SCHEMA_FILE), schemaText());
