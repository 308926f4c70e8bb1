import { resolve } from 'node:path';
import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';
import type { core } from 'zod/mini';
import { Fault } from '../fault.ts';
import {
  type Cluster,
  DEFAULT_TYPES,
  type EksCluster,
  type Expect,
  type ExpectedEks,
  type From,
  type Guard,
  type Job,
  type Place,
  type SecretRef,
  type Server,
  type ServiceServer,
  type Settings,
  zoneId,
} from '../job.ts';
import type { Location } from '../location.ts';
import type { Target } from '../target.ts';
import { cut, durationOf } from '../wording.ts';
import { crossCheck } from './cross-check.ts';
import { isTooMuch, prototypeKeys } from './limits.ts';
import type { SettingsFault } from './raw.ts';
import {
  type RawExpect,
  type RawFrom,
  type RawJob,
  type RawPlace,
  type RawServer,
  type RawSettings,
  SettingsFile,
} from './schema.ts';
import { replacedVariables } from './variables.ts';

/**
 * Settings from the text of a federation-sync.yml.
 *
 * @param file the name for messages
 * @param folder the base of relative paths
 * @throws Fault `settings-invalid` with all faults together
 */
export function parseSettings(text: string, file: string, folder: string): Settings {
  let raw: unknown;
  try {
    const documents = loadAll(text, { schema: CORE_SCHEMA.withTags(mergeTag) });
    if (documents.length > 1) {
      throw new Fault(
        'settings-invalid',
        `${file}: must be one YAML document; found ${documents.length}`,
      );
    }
    [raw] = documents;
  } catch (error) {
    if (error instanceof Fault) throw error;
    const at = error instanceof YAMLException && error.mark ? `line ${error.mark.line + 1}: ` : '';
    const why = error instanceof YAMLException ? error.reason : String(error);
    throw new Fault('settings-invalid', `${file}: ${at}invalid YAML: ${why}`, { cause: error });
  }
  return checkSettings(raw, file, folder);
}

/** The same for parsed settings. */
export function checkSettings(raw: unknown, file: string, folder: string): Settings {
  if (isTooMuch(raw)) {
    throw invalid(file, ['too many values, including those repeated by aliases']);
  }
  const absolute = (path: string) => resolve(folder, path);
  const { listed, added } = withLists(raw);
  const pathText = (path: SettingsFault['path']) => describePath(path, added);
  const shape = SettingsFile.safeParse(listed, { reportInput: true });
  const replaced = replacedVariables(listed);
  const isReplaced = new Set(replaced.map(({ path }) => pathText(path)));
  const others = [
    ...(shape.success ? [] : shape.error.issues.flatMap(toFault)),
    ...crossCheck(listed, { pathText, absolute }),
    ...prototypeKeys(listed),
  ];
  const faults = [...replaced, ...others.filter(({ path }) => !isReplaced.has(pathText(path)))];
  if (!shape.success || faults.length > 0) {
    const lines = [...new Set(faults.map((fault) => describe(fault, pathText(fault.path))))].sort();
    throw invalid(file, lines);
  }
  return complete(shape.data, absolute);
}

function invalid(file: string, lines: readonly string[]): Fault {
  const details = lines.map((line) => `${file}: ${line}`);
  return new Fault('settings-invalid', details.join('; '), { details });
}

/**
 * The long form of what may be written shorter: `to` and `prometheus` may be one instead of a list, and a server may
 * be its URL. `added` are the parts of paths that the user did not write.
 */
function withLists(raw: unknown): { listed: unknown; added: ReadonlySet<string> } {
  const added = new Set<string>();
  const listOf = (value: unknown, path: SettingsFault['path']): unknown => {
    if (value === undefined || value === null || Array.isArray(value)) return value;
    // Of what is neither, the fault is that it is not a list of these.
    if (typeof value !== 'object' && typeof value !== 'string') return value;
    added.add([...path, 0].join('.'));
    return [value];
  };
  const within = (value: unknown, key: string, change: (inner: unknown) => unknown): unknown => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return value;
    return { ...value, [key]: change((value as Record<string, unknown>)[key]) };
  };
  const each = (value: unknown, change: (item: unknown, i: number) => unknown): unknown =>
    Array.isArray(value) ? value.map(change) : value;
  const listed = within(raw, 'jobs', (jobs) =>
    each(jobs, (job, i) =>
      within(job, 'to', (to) =>
        each(typeof to === 'string' ? to : listOf(to, ['jobs', i, 'to']), (place, k) =>
          within(place, 'prometheus', (servers) => {
            const path = ['jobs', i, 'to', k, 'prometheus'];
            return each(listOf(servers, path), (server, n) => {
              if (typeof server !== 'string') return server;
              added.add([...path, n, 'url'].join('.'));
              return { url: server };
            });
          }),
        ),
      ),
    ),
  );
  return { listed, added };
}

function toFault(issue: core.$ZodIssue): SettingsFault[] {
  const path = issue.path as (string | number)[];
  // zod reports an unknown key at its parent; it reads better at its own path.
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], found: key, expected: issue.message }));
  }
  // zod reports a bad key of a record below the record.
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({
      path: path.slice(0, -1),
      found: path.at(-1),
      expected: message,
    }));
  }
  return [{ path, found: issue.input, expected: issue.message }];
}

/** `jobs[0].to.configMap.name`; a `to` that is one place has no index. */
function describePath(path: SettingsFault['path'], added: ReadonlySet<string>): string {
  return path
    .filter((_, i) => !added.has(path.slice(0, i + 1).join('.')))
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${part}`))
    .join('');
}

/** A secret that was written into the settings is not shown. */
const SECRETS = ['bearerToken', 'password'];

function describe({ found, expected, path }: SettingsFault, at: string): string {
  const isSecret = path.some((part) => SECRETS.includes(String(part)));
  const value = isSecret && typeof found !== 'object' ? 'a value (not shown)' : shown(found);
  const state = found === undefined ? 'missing' : `found ${value}`;
  return `${at || 'the settings'}: ${state}; expected ${expected}`;
}

function shown(value: unknown): string {
  return cut(JSON.stringify(value) ?? String(value), 60);
}

function complete(raw: RawSettings, absolute: (path: string) => string): Settings {
  return {
    cluster: raw.cluster && toCluster(raw.cluster, absolute),
    jobs: raw.jobs.map((job) => toJob(job, absolute)),
  };
}

function toCluster(
  { eks, kubeconfig }: NonNullable<RawSettings['cluster']>,
  absolute: (path: string) => string,
): Cluster {
  if (eks) {
    const { certificateAuthority: ca } = eks;
    // Either PEM, or PEM in base64 as in a kubeconfig and in DescribeCluster.
    const base64 = ca?.includes('-----BEGIN') ? Buffer.from(ca).toString('base64') : ca;
    return { eks: { ...eks, ...(base64 && { certificateAuthority: base64 }) } as EksCluster };
  }
  if (!kubeconfig) return { inCluster: true };
  const { path, context } = kubeconfig;
  return { kubeconfig: { ...(path && { path: absolute(path) }), ...(context && { context }) } };
}

function toJob(raw: RawJob, absolute: (path: string) => string): Job {
  return {
    name: raw.name ?? raw.job ?? '',
    job: raw.job ?? raw.name ?? '',
    from: (raw.from ?? []).map((from) => toFrom(from, raw, absolute)),
    also: (raw.also ?? []).flatMap(({ targets, labels }) =>
      targets.map((address): Target => ({ address, labels: labels ?? {} })),
    ),
    expect: (raw.expect ?? []).map((expect) => toExpect(expect, absolute)),
    guard: toGuard(raw.guard),
    keepMs: durationOf(raw.keep ?? '0s'),
    to: raw.to.map((place) => toPlace(place, absolute)),
  };
}

function toFrom(raw: RawFrom, job: RawJob, absolute: (path: string) => string): From {
  const select = { ...job.select, ...raw.select };
  return {
    source:
      raw.records !== undefined
        ? { records: absolute(raw.records) }
        : {
            zone: zoneId(raw.zone ?? ''),
            public: raw.public,
            roleArn: raw.roleArn,
            externalId: raw.externalId,
          },
    select: {
      types: select.types ?? DEFAULT_TYPES,
      name: select.name ?? '',
      exclude: select.exclude ?? [],
      setIdentifier: select.setIdentifier,
    },
    ...(raw.allowAddresses && { allowAddresses: true }),
    target: raw.target ?? job.target ?? '{name}',
    labels: raw.labels ?? job.labels ?? { clusterID: '{label}' },
  };
}

function toExpect({ eks, file = '' }: RawExpect, absolute: (path: string) => string): Expect {
  if (!eks) return { file: absolute(file) };
  return { eks: { ...eks, connected: eks.connected ?? false } as ExpectedEks };
}

function toGuard(raw: RawJob['guard']): Guard {
  const { maxRemoved = '20%', per = '1h', minTargets = 1, adopt = 'refuse' } = raw ?? {};
  return {
    maxRemoved:
      typeof maxRemoved === 'number'
        ? { count: maxRemoved }
        : { percent: Number.parseInt(maxRemoved, 10) },
    perMs: durationOf(per),
    minTargets,
    adopt,
  };
}

function toPlace(raw: RawPlace, absolute: (path: string) => string): Place {
  return {
    location: toLocation(raw, absolute),
    format: raw.scrapeConfig ? 'scrape_config' : (raw.format ?? 'static_configs'),
    create: raw.create ?? false,
    ...(raw.template !== undefined && { template: { path: absolute(raw.template) } }),
    nudge: raw.nudge?.pods,
    servers: (raw.prometheus ?? []).map((server) => toServer(server, absolute)),
    waitMs: durationOf(raw.wait ?? '0s'),
  };
}

function toServer(raw: RawServer, absolute: (path: string) => string): Server {
  const { url = '', service, bearerToken, basicAuth, caFile, reload = false } = raw;
  if (service) return { service: service as ServiceServer['service'], reload };
  const secret = ({ file, env = '' }: { file?: string | undefined; env?: string | undefined }) =>
    (file === undefined ? { env } : { file: absolute(file) }) as SecretRef;
  return {
    url,
    ...(bearerToken && { bearerToken: secret(bearerToken) }),
    ...(basicAuth && {
      basicAuth: { username: basicAuth.username, password: secret(basicAuth.password) },
    }),
    ...(caFile && { caFile: absolute(caFile) }),
    reload,
  };
}

function toLocation(raw: RawPlace, absolute: (path: string) => string): Location {
  if (raw.configMap) return { kind: 'configMap', ...raw.configMap };
  if (raw.secret) return { kind: 'secret', ...raw.secret };
  if (raw.scrapeConfig) return { kind: 'scrapeConfig', ...raw.scrapeConfig };
  const written = raw.file ?? '';
  return { kind: 'file', path: absolute(written), written };
}
