import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { PolicySettings } from '../../src/policy.ts';

/** The example is there so that a fresh clone packages and its template can be tested. */
export const example = 'infra/federation-sync.example.yml';

/** What of the settings decides how the function is deployed. */
export interface DeployedSettings extends PolicySettings {
  readonly jobs: readonly (PolicySettings['jobs'][number] & {
    readonly name?: string;
    readonly job: string;
  })[];
}

/** The settings' path, relative to the service: the one given, else federation-sync.yml, else the example. */
export function settingsPath(service: string, given: string | null | undefined): string {
  if (given) return given;
  return existsSync(join(service, 'federation-sync.yml')) ? 'federation-sync.yml' : example;
}

export function readSettings(service: string, path: string): DeployedSettings {
  const settings = parse(readFileSync(join(service, path), 'utf8'), { merge: true });
  if (!Array.isArray(settings?.jobs) || settings.jobs.length === 0)
    throw new Error(`${path}: no jobs. Check it with: federation-sync plan --config ${path}`);
  if (settings.cluster?.kubeconfig || settings.cluster?.inCluster)
    throw new Error(
      `${path}: a Lambda reaches the cluster through cluster.eks; kubeconfig and inCluster are for other places.`,
    );
  return settings;
}
