import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { Fault } from '../../fault.ts';
import { type Cluster, type Source, zoneId } from '../../job.ts';
import type { Location } from '../../location.ts';
import type { Environment } from '../../settings/job-variables.ts';
import { shellWord } from '../../wording.ts';
import type { Arguments, INIT_FLAGS } from '../arguments.ts';

/** The flags for zone, cluster and list; paths as they were typed. */
type InitFlags = Pick<Arguments, (typeof INIT_FLAGS)[number]>;

/** Where zone, cluster and list are: from flags, else from the variables of the original function. */
export interface Where {
  readonly sources: readonly Source[];
  readonly cluster: Cluster | undefined;
  /** undefined: no list is named, so it is looked for in the ScrapeConfigs of the namespace. */
  readonly location: Location | undefined;
  readonly namespace: string;
  /** The settings' file; undefined: standard output. */
  readonly file: string | undefined;
  /** The base of relative paths in the settings. */
  readonly folder: string;
}

/** How a list is named. */
export const LIST_FLAGS =
  '--configmap NAME (CONFIG_MAP_NAME), --secret NAME, --scrapeconfig NAME, or --file PATH';

/** @throws Fault `usage` */
export function whereIs(
  flags: InitFlags,
  written: string,
  folder: string,
  env: Environment,
): Where {
  const file = written === '-' ? undefined : resolve(folder, written);
  const base = file === undefined ? folder : dirname(file);
  const sources = sourcesOf(flags, folder, env);
  const location = locationOf(flags, folder, base, env);
  if (sources.length === 0) {
    const list = location === undefined ? `; and a list: ${LIST_FLAGS}` : '';
    const zone = 'a zone: --zone ID (HOSTED_ZONE_ID), or --records FILE';
    throw new Fault('usage', `init requires ${zone}${list}`);
  }
  const cluster = location?.kind === 'file' ? undefined : clusterOf(flags, env);
  return { sources, cluster, location, namespace: namespaceOf(flags, env), file, folder: base };
}

function sourcesOf(flags: InitFlags, folder: string, env: Environment): Source[] {
  const fromEnv = env.HOSTED_ZONE_ID || env.PROMETHEUS_HOSTED_ZONE_ID;
  const { zone, records } = flags;
  const zones = zone ?? (records || !fromEnv ? [] : [fromEnv]);
  zones.forEach(checkZoneId);
  return [
    ...zones.map((id) => ({ zone: zoneId(id), ...(flags.public && { public: true }) })),
    ...(records ?? []).map((path) => ({ records: resolve(folder, path) })),
  ];
}

/** @throws Fault `usage`, before anything is sent */
function checkZoneId(text: string): void {
  const id = zoneId(text);
  if (/^[A-Z0-9]{1,32}$/.test(id)) return;
  if (id.includes('.')) {
    throw new Fault('usage', `${text} is a name, not the id of a hosted zone`, {
      remedy: `Look up the id: aws route53 list-hosted-zones-by-name --dns-name ${shellWord(text)}`,
    });
  }
  const near = /^[a-z0-9]{1,32}$/i.test(id)
    ? `Ids are in uppercase: --zone ${id.toUpperCase()}`
    : 'List the ids: aws route53 list-hosted-zones';
  throw new Fault('usage', `${text} is not the id of a hosted zone`, { remedy: near });
}

function locationOf(
  flags: InitFlags,
  folder: string,
  base: string,
  env: Environment,
): Location | undefined {
  const { configmap, secret, scrapeconfig, file, key = 'prometheus.yml' } = flags;
  const given = [configmap, secret, scrapeconfig, file].filter((one) => one !== undefined);
  if (given.length > 1) {
    const only = '--configmap, --secret, --scrapeconfig and --file';
    throw new Fault('usage', `init accepts only one of ${only}`);
  }
  if (file !== undefined) {
    const path = resolve(folder, file);
    return { kind: 'file', path, written: isAbsolute(file) ? file : relative(base, path) };
  }
  const name = scrapeconfig ?? secret ?? configmap ?? (env.CONFIG_MAP_NAME || undefined);
  if (name === undefined) return undefined;
  const namespace = namespaceOf(flags, env);
  if (scrapeconfig !== undefined) return { kind: 'scrapeConfig', namespace, name };
  return { kind: secret === undefined ? 'configMap' : 'secret', namespace, name, key };
}

function namespaceOf(flags: InitFlags, env: Environment): string {
  return flags.namespace ?? (env.NAMESPACE || 'monitoring');
}

/** The named EKS cluster, the pod's own, or undefined: that of KUBECONFIG. */
function clusterOf(flags: InitFlags, env: Environment): Cluster | undefined {
  const name = flags.cluster ?? (env.CLUSTER_NAME || undefined);
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (name !== undefined) return { eks: { name, ...(region && { region }) } };
  return env.KUBERNETES_SERVICE_HOST && !env.KUBECONFIG ? { inCluster: true } : undefined;
}
