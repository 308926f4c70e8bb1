import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../fault.ts';
import type { Settings } from '../job.ts';
import { type Environment, environmentSettings } from './job-variables.ts';
import { withTemplates } from './templates.ts';

/**
 * Settings that were validated when the function was packaged. It starts with them as data, and needs neither the
 * schema nor its library: a third of what it would load otherwise.
 *
 *     federation-sync.yml             as the user wrote it
 *     federation-sync.settings.json   {"digest": SHA-256 of that file, "settings": Settings}
 */
export const packagedFile = 'federation-sync.settings.json';

/** Where Lambda unpacks a function: the base of the paths in packaged settings. */
export const taskRoot = '/var/task';

/** The content of the file. `settings` are those of `yaml`, with paths relative to `taskRoot`. */
export function packagedText(yaml: string | Buffer, settings: Settings): string {
  return JSON.stringify({ digest: digestOf(yaml), settings });
}

/**
 * The packaged settings in `folder`; undefined where there are none.
 *
 * @throws Fault `settings-changed` where the file next to them is another one by now, `settings-missing`
 */
export function readPackaged(folder: string, env: Environment): Settings | undefined {
  const text = read(folder, packagedFile);
  if (text === undefined) return undefined;
  const { FEDERATION_SYNC_CONFIG: named } = env;
  const packaged: { digest: string; settings: Settings } = JSON.parse(
    text.toString(),
    (key, value) => (PATHS.includes(key) ? inFolder(value, folder) : value),
  );
  const yaml = named ? undefined : read(folder, 'federation-sync.yml');
  if (yaml === undefined || digestOf(yaml) !== packaged.digest) {
    const file = named ? `FEDERATION_SYNC_CONFIG=${named}` : 'federation-sync.yml';
    throw new Fault('settings-changed', `${file} is not what this function was packaged with`);
  }
  const ignored = environmentSettings(env);
  const settings = withTemplates(packaged.settings);
  return ignored.length === 0 ? settings : { ...settings, ignored };
}

/** The keys of paths: of templates, lists of clusters, secrets and certificate authorities. */
const PATHS = ['path', 'file', 'caFile'];

/** A packaged path, where the function was unpacked elsewhere. */
function inFolder(value: unknown, folder: string): unknown {
  const base = `${taskRoot}/`;
  if (folder === taskRoot || typeof value !== 'string' || !value.startsWith(base)) return value;
  return join(folder, value.slice(base.length));
}

/** undefined where it is missing. node:fs/promises would take longer to load than these files to read. */
function read(folder: string, name: string): Buffer | undefined {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

const digestOf = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
