import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from '../../src/job.ts';
import { parseSettings } from '../../src/settings/parse.ts';

/** The example is there so that a fresh clone packages and its template can be tested. */
export const example = 'infra/federation-sync.example.yml';

/** The settings' path, relative to the service: the one given, else federation-sync.yml, else the example. */
export function settingsPath(service: string, given: string | null | undefined): string {
  if (given) return given;
  return existsSync(join(service, 'federation-sync.yml')) ? 'federation-sync.yml' : example;
}

/** The settings as the function will read them. @throws Error for those that it could not use */
export function readSettings(service: string, path: string): Settings {
  const settings = parseSettings(readFileSync(join(service, path), 'utf8'), path, resolve(service));
  if (settings.cluster && !('eks' in settings.cluster))
    throw new Error(`${path}: a function reaches its cluster through cluster.eks only.`);
  if (settings.jobs.some(({ to }) => to.some(({ location }) => location.kind === 'file')))
    throw new Error(`${path}: a function has no files to write; name a configMap or a secret.`);
  return settings;
}
