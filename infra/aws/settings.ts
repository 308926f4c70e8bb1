import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { asFault, faultText } from '../../src/fault.ts';
import type { Settings } from '../../src/job.ts';
import { parseSettings } from '../../src/settings/parse.ts';

/** The fallback, so that a fresh clone can be packaged and its template tested. */
export const example = 'infra/federation-sync.example.yml';

/** The settings of stage `prod`, and of no other stage unless it is named with `--param settings=`. */
export const shared = 'federation-sync.yml';

/** Settings or parameters that cannot be deployed. osls prints an error's stack, which is of no use here. */
export class RefusedSettings extends Error {
  override stack = '';
  override toString(): string {
    return this.message;
  }
}

/**
 * The path to the settings, absolute or relative to the service: the given one, else federation-sync.STAGE.yml,
 * else federation-sync.yml, else the example.
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
  return found ?? example;
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
  const settings = parse(path, readText(resolve(service, path), path), resolve(service));
  if (settings.cluster && !('eks' in settings.cluster))
    throw new RefusedSettings(
      `${path}: the function can reach a cluster only through cluster.eks. Set it.`,
    );
  if (settings.jobs.some(({ to }) => to.some(({ location }) => location.kind === 'file')))
    throw new RefusedSettings(
      `${path}: the function has no files to write. Use a configMap or a secret.`,
    );
  for (const { name } of settings.jobs) checkJobName(path, name);
  return settings;
}

function readText(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RefusedSettings(
      `${path}: cannot read the settings (${(cause as NodeJS.ErrnoException).code}). Set --param="settings=PATH" to a file that exists, relative to serverless.yml or absolute.`,
      { cause },
    );
  }
}

function parse(path: string, text: string, base: string): Settings {
  try {
    return parseSettings(text, path, base);
  } catch (error) {
    const fault = asFault(error);
    const lines = [faultText(fault), ...fault.details.map((detail) => `  ${detail}`)];
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
