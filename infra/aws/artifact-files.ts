import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionFiles } from './bundle.ts';
import { settingsFiles, variables } from './settings.ts';

/**
 * The files of a function, by their path in its zip. Where its settings are a file, they are validated here, and the
 * function is packaged without what validates them; variables can be changed later, so there it is packaged whole.
 *
 * @param service the folder of serverless.yml, with dist
 * @param settings its path, relative to the service or absolute, or `variables`
 * @throws RefusedSettings
 */
export function artifactFiles(service: string, settings: string): Record<string, Buffer> {
  const dist = join(service, 'dist');
  if (settings === variables) return { 'index.mjs': readFileSync(join(dist, 'index.mjs')) };
  return { ...functionFiles(dist), ...settingsFiles(service, settings) };
}
