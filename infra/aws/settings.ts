import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from '../../src/job.ts';
import { parseSettings } from '../../src/settings/parse.ts';

/** The fallback, so that a fresh clone can be packaged and its template tested. */
export const example = 'infra/federation-sync.example.yml';

/** The path to the settings, relative to the service: the given one, else federation-sync.yml, else the example. */
export function settingsPath(service: string, given: string | null | undefined): string {
  if (given) return given;
  return existsSync(join(service, 'federation-sync.yml')) ? 'federation-sync.yml' : example;
}

/** Reads the settings as the function will. @throws Error if the function could not use them */
export function readSettings(service: string, path: string): Settings {
  const settings = parseSettings(readFileSync(join(service, path), 'utf8'), path, resolve(service));
  if (settings.cluster && !('eks' in settings.cluster))
    throw new Error(`${path}: the function can reach a cluster only through cluster.eks. Set it.`);
  if (settings.jobs.some(({ to }) => to.some(({ location }) => location.kind === 'file')))
    throw new Error(`${path}: the function has no files to write. Use a configMap or a secret.`);
  return settings;
}
