import { chmod, rm } from 'node:fs/promises';
import { type BuildOptions, build } from 'esbuild';

/*
 * Two files come out: dist/index.mjs is what is deployed, the Lambda with all it needs; dist/cli.mjs is the
 * command line, whose packages stay in node_modules.
 */

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  logLevel: 'warning',
} satisfies BuildOptions;

await rm('dist', { recursive: true, force: true });

await build({
  ...shared,
  entryPoints: { index: 'src/lambda.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  minify: true,
  keepNames: false,
  // Packages in CommonJS call require, which an ES module does not have.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

await build({
  ...shared,
  entryPoints: { cli: 'src/cli.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  packages: 'external',
  banner: { js: '#!/usr/bin/env node' },
});
await chmod('dist/cli.mjs', 0o755);
