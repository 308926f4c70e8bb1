import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../node_modules/.cache/tests');

/**
 * Environment with which Node and osls reuse what earlier processes have compiled; both look it up by content. osls
 * otherwise spends most of its time on compiling its JSON Schema.
 */
export const caches: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(folder, 'node'),
  SLS_SCHEMA_CACHE_BASE_DIR: join(folder, 'osls'),
};
