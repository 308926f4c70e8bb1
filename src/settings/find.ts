import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Fault } from '../fault.ts';
import type { Settings } from '../job.ts';
import { settingsFromEnvironment } from './environment.ts';
import { type Environment, environmentSettings } from './job-variables.ts';
import { parseSettings } from './parse.ts';
import { unreadable, withTemplates } from './templates.ts';

/**
 * Reads the settings: the file that --config or FEDERATION_SYNC_CONFIG names, else federation-sync.yml in
 * `folder` (the working directory; in the Lambda the bundle's own), else the environment.
 *
 * @throws Fault `settings-missing`, `settings-invalid`
 */
export async function findSettings(
  config: string | undefined,
  folder: string,
  env: Environment,
): Promise<Settings> {
  const named = config ?? (env.FEDERATION_SYNC_CONFIG || undefined);
  const name = named ?? 'federation-sync.yml';
  const file = resolve(folder, name);
  const variables = environmentSettings(env);
  try {
    const settings = withTemplates(
      parseSettings(await readFile(file, 'utf8'), name, dirname(file)),
    );
    return variables.length === 0 ? settings : { ...settings, ignored: variables };
  } catch (error) {
    if (error instanceof Fault) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (named !== undefined || code !== 'ENOENT') {
      throw unreadable(named ?? file, error);
    }
  }
  if (variables.length > 0) return settingsFromEnvironment(env);
  throw new Fault(
    'settings-missing',
    'no federation-sync.yml in this folder, and HOSTED_ZONE_ID, CLUSTER_NAME, CONFIG_MAP_NAME and NAME_PATTERN are not set',
  );
}
