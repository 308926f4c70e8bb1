import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Fault, withRemedy } from '../fault.ts';
import type { Place, Settings } from '../job.ts';
import { type Environment, environmentSettings, settingsFromEnvironment } from './environment.ts';
import { parseSettings } from './parse.ts';

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
    const settings = await withTemplates(
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

/** @throws Fault `settings-missing` where a template cannot be read */
async function withTemplates(settings: Settings): Promise<Settings> {
  const read = async (place: Place): Promise<Place> => {
    if (!place.template) return place;
    const { path } = place.template;
    try {
      return { ...place, template: { path, text: await readFile(path, 'utf8') } };
    } catch (error) {
      throw withRemedy(
        unreadable(`the template ${path}`, error),
        'Check its path, which is relative to the settings file.',
      );
    }
  };
  const jobs = settings.jobs.map(async (job) => ({
    ...job,
    to: await Promise.all(job.to.map(read)),
  }));
  return { ...settings, jobs: await Promise.all(jobs) };
}

function unreadable(what: string, error: unknown): Fault {
  const { code } = error as NodeJS.ErrnoException;
  return new Fault('settings-missing', `${what} cannot be read (${code})`, { cause: error });
}
