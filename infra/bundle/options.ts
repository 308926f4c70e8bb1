import type { BuildOptions } from 'esbuild';
import {
  builtInsByName,
  hashesOfOpenSsl,
  onlyPatternsOfRegions,
  onlyUsedSchemas,
  onlyUsedTags,
  onlyVersions,
} from './plugins.ts';
import { withStandIns } from './stand-ins.ts';

/** How esbuild bundles all that is built. */
export const commonOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
} satisfies BuildOptions;

/** And what runs in the Lambda. */
export const functionOptions = {
  ...commonOptions,
  minify: true,
  metafile: true,
  // Prefer ES modules, whose unused exports can be dropped.
  mainFields: ['module', 'main'],
  plugins: [
    builtInsByName,
    withStandIns,
    onlyUsedSchemas,
    onlyPatternsOfRegions,
    onlyUsedTags,
    hashesOfOpenSsl,
    onlyVersions,
  ],
  // Imported only by streaming operations, which are never called.
  external: ['@smithy/core/event-streams'],
  // Some globals are loaded when they are first named: WebCrypto, of which the SDK needs only random ids, and web streams,
  // which no body of node:http is.
  define: { crypto: 'nodeCrypto', ReadableStream: 'undefined' },
  banner: { js: "const nodeCrypto = /* @__PURE__ */ process.getBuiltinModule('node:crypto');" },
} satisfies BuildOptions;
