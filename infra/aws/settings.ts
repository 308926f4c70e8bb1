import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { openList, ownerOf } from '../../src/document/document.ts';
import { asFault, faultText } from '../../src/fault.ts';
import type { Settings } from '../../src/job.ts';
import { settingsFromEnvironment } from '../../src/settings/environment.ts';
import { environmentSettings } from '../../src/settings/job-variables.ts';
import { packagedFile, packagedText, taskRoot } from '../../src/settings/packaged.ts';
import { parseSettings } from '../../src/settings/parse.ts';

/** The fallback, so that a fresh clone can be packaged and its template tested. */
export const example = 'infra/federation-sync.example.yml';

/** The settings of stage `prod`, and of no other stage unless it is named with `--param settings=`. */
export const shared = 'federation-sync.yml';

/** In place of a path: the variables of the shell that deploys, which the function gets as its own. */
export const variables = 'the environment';

/** Settings or parameters that cannot be deployed. osls prints an error's stack, which is of no use here. */
export class RefusedSettings extends Error {
  override stack = '';
  override toString(): string {
    return this.message;
  }
}

/**
 * The path to the settings, absolute or relative to the service: the given one, else federation-sync.STAGE.yml,
 * else federation-sync.yml, else the environment if it configures a job, else the example.
 */
export function settingsPath(
  service: string,
  given: string | null | undefined,
  stage: string,
): string {
  if (given) return given;
  const found = [`federation-sync.${stage}.yml`, shared].find((it) =>
    existsSync(join(service, it)),
  );
  return found ?? (environmentSettings(process.env).length > 0 ? variables : example);
}

/** Why these settings can be packaged but must not be deployed; undefined if they can. */
export function whyNotDeployed(path: string, given: string | null | undefined, stage: string) {
  if (given) return undefined;
  const own = `federation-sync.${stage}.yml`;
  if (path === example)
    return `There are no settings to deploy. Copy ${example} to ${stage === 'prod' ? shared : own} and adapt it.`;
  if (path === shared && stage !== 'prod')
    return `Stage ${stage} has no settings of its own, and two stages with the same settings write the same lists. Write ${own}, or, if that is intended, set --param="settings=${shared}".`;
  return undefined;
}

/**
 * Reads the settings as the function will.
 *
 * @throws RefusedSettings if there are none, if they are faulty, or if a function could not use them
 */
export function readSettings(service: string, path: string): Settings {
  const settings = refusing('', () => read(service, path));
  if (settings.cluster && !('eks' in settings.cluster))
    throw new RefusedSettings(
      `${path}: the function can reach a cluster only through cluster.eks. Set it.`,
    );
  if (settings.jobs.some(({ to }) => to.some(({ location }) => location.kind === 'file')))
    throw new RefusedSettings(
      `${path}: the function has no files to write. Use a configMap, a secret or a scrapeConfig.`,
    );
  if (settings.jobs.some(({ from }) => from.some(({ source }) => 'records' in source)))
    throw new RefusedSettings(`${path}: the function has no files of records to read. Use a zone.`);
  for (const { name } of settings.jobs) checkJobName(path, name);
  return settings;
}

function read(service: string, path: string): Settings {
  if (path === variables) return settingsFromEnvironment(process.env);
  const file = resolve(service, path);
  return parseSettings(readText(file, path), path, dirname(file));
}

const reserved = ['federation-sync.yml', packagedFile];

/**
 * The files of the zip in addition to the code, by their path in it: the settings, as they are and as validated here; and
 * the templates and lists of clusters that they name, which are found next to them in both places.
 *
 * @throws RefusedSettings for a file that cannot be in the zip, a template that lacks the job, a list without clusters
 */
export function settingsFiles(service: string, path: string): Record<string, Buffer> {
  // First, for what they refuse.
  const settings = readSettings(service, path);
  const file = resolve(service, path);
  const yaml = readFileSync(file);
  const unpacked = parseSettings(yaml.toString(), path, taskRoot);
  const files: Record<string, Buffer> = {
    'federation-sync.yml': yaml,
    [packagedFile]: Buffer.from(packagedText(yaml, unpacked)),
  };
  const add = (named: string, what: string, check: (name: string, content: string) => void) => {
    const name = relative(dirname(file), named).split(sep).join('/');
    const isCode = /^[^/]*\.mjs$/.test(name);
    if (name.startsWith('../') || isAbsolute(name) || isCode || reserved.includes(name))
      throw new RefusedSettings(
        `${path}: ${what} ${named} cannot be packaged. Move it into the folder of the settings.`,
      );
    const content = readText(named, path, what);
    check(name, content);
    files[name] = Buffer.from(content);
  };
  for (const job of settings.jobs) {
    for (const place of job.to) {
      if (!place.template) continue;
      add(place.template.path, 'the template', (name, content) =>
        refusing(`${path}: ${name}: `, () => openList(content, ownerOf(job, place))),
      );
    }
    for (const source of job.expect) {
      if (!('file' in source)) continue;
      add(source.file, 'the list of clusters', (name, content) => {
        if (/^\s*[^\s#]/m.test(content)) return;
        throw new RefusedSettings(`${path}: ${name} names no clusters. Write one on each line.`);
      });
    }
  }
  return files;
}

function readText(file: string, path: string, what = 'the settings'): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RefusedSettings(
      `${path}: cannot read ${what} (${(cause as NodeJS.ErrnoException).code}). Set --param="settings=PATH" to a file that exists, relative to serverless.yml or absolute.`,
      { cause },
    );
  }
}

/** @param about what a fault without a path is about */
function refusing<T>(about: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RefusedSettings) throw error;
    const fault = asFault(error);
    const lines = [about + faultText(fault), ...fault.details.map((detail) => `  ${detail}`)];
    throw new RefusedSettings(lines.join('\n'), { cause: error });
  }
}

/**
 * A job's name is a dimension of its metrics, which is ASCII and does not begin with a colon (Amazon CloudWatch API
 * Reference, "Dimension"), and part of a text that is posted as JSON.
 */
function checkJobName(path: string, name: string): void {
  if (/^(?!:)[ -~]+$/.test(name) && !/["\\]/.test(name)) return;
  throw new RefusedSettings(
    `${path}: the alarms of job ${JSON.stringify(name)} cannot have its name. Use printable ASCII without quotes and backslashes, not beginning with a colon.`,
  );
}
