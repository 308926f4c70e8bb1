import type { Job } from '../../src/job.ts';
import { checkSettings } from '../../src/settings/parse.ts';
import { chance, oneOf } from './chance.ts';

/** What the lists of a history are in, and by which settings they are kept. */
export interface Scene {
  readonly kind: 'prometheus.yml' | 'file_sd' | 'secret' | 'file' | 'file of ours';
  readonly jobs: readonly Job[];
  readonly lists: readonly ListOf[];
  readonly createsIt: boolean;
  /** The object before the first run, by key; undefined: there is none. */
  readonly data: Readonly<Record<string, string>> | undefined;
  readonly text: string;
}

/** One list: which hosts can be in it, and where it is. */
export interface ListOf {
  readonly job: Job;
  readonly zone: string;
  readonly suffix: string;
  readonly key: string;
}

export const FILE = '/f/prometheus.yml';
export const ZONES = [
  ['Z1', 'p.internal'],
  ['Z2', 'q.internal'],
] as const;

/** A prometheus.yml with both jobs, in the order of this history: two places of one text are folded. */
const prometheusYml = (first: string, second: string) => `global:
  scrape_interval: 15s
# head
scrape_configs:
  - job_name: ${first}
    honor_labels: true # kept
    static_configs: []
  - job_name: ${second}
    static_configs: []
    scrape_timeout: 5s
# tail
`;

const scrapeConfigs = `- job_name: one
  static_configs: []
# tail
`;

const known = new Map<string, Scene>();

/** Clocks of runs differ by up to ten minutes, which is also the time of the guard's budget then. */
export const isSkewed = (seed: number) => chance(seed, 'skewed') < 0.25;

/** Settings are checked once, however many histories have them. */
export function sceneOf(seed: number): Scene {
  const pick = <T extends string>(name: string, weights: Record<T, number>) =>
    oneOf(weights, seed, 'scene', name) as T;
  const kind = pick('kind', {
    'prometheus.yml': 0.25,
    file_sd: 0.4,
    secret: 0.08,
    file: 0.07,
    'file of ours': 0.2,
  });
  const isFile = kind.startsWith('file') && kind !== 'file_sd';
  const settings = {
    kind,
    maxRemoved: pick('maxRemoved', { '20%': 0.5, '50%': 0.2, '0%': 0.1, '100%': 0.2 }),
    per: isFile ? '0s' : isSkewed(seed) ? '10m' : pick('per', { '1h': 0.6, '10m': 0.2, '0s': 0.2 }),
    keep: isFile ? '0s' : pick('keep', { '0s': 0.6, '5m': 0.4 }),
    minTargets: Number(pick('minTargets', { '0': 0.4, '1': 0.5, '2': 0.1 })),
    adopt: pick('adopt', { refuse: 0.7, replace: 0.3 }),
    // Two lists in one object are folded; one is quicker to play.
    single: kind === 'secret' || kind === 'file of ours' || chance(seed, 'scene', 'single') < 0.5,
    also: chance(seed, 'scene', 'also') < 0.3,
    reversed: chance(seed, 'scene', 'reversed') < 0.5,
  };
  const id = JSON.stringify(settings);
  const scene = known.get(id) ?? build(settings);
  known.set(id, scene);
  return scene;
}

interface Chosen {
  readonly kind: Scene['kind'];
  readonly maxRemoved: string;
  readonly per: string;
  readonly keep: string;
  readonly minTargets: number;
  readonly adopt: string;
  readonly single: boolean;
  readonly also: boolean;
  readonly reversed: boolean;
}

function build({ kind, single, also, reversed, keep, ...guard }: Chosen): Scene {
  const keys =
    kind === 'file_sd'
      ? (['a.json', 'b.json'] as const)
      : (['prometheus.yml', 'prometheus.yml'] as const);
  const isFile = kind === 'file' || kind === 'file of ours';
  const place = (i: number) => {
    const object = { namespace: 'm', name: 'prometheus', key: keys[i] };
    if (isFile) return { file: FILE, ...(kind === 'file of ours' && OURS) };
    if (kind === 'secret') return { secret: object, format: 'scrape_configs' };
    return { configMap: object, ...(kind === 'file_sd' && OURS) };
  };
  const raw = ZONES.slice(0, single ? 1 : 2).map(([zone, suffix], i) => ({
    job: i === 0 ? 'one' : 'two',
    from: [{ zone }],
    select: { name: `^(?<clusterID>[^.]+)\\.${suffix.replace('.', '\\.')}$` },
    ...(also && {
      also: [{ targets: [`central-${i}.example.com:80`], labels: { clusterID: 'central' } }],
    }),
    guard,
    keep,
    to: place(i),
  }));
  const { jobs } = checkSettings({ jobs: raw }, 'scene', '/');
  const text =
    kind === 'secret'
      ? scrapeConfigs
      : reversed
        ? prometheusYml('two', 'one')
        : prometheusYml('one', 'two');
  const ours = kind === 'file_sd' || kind === 'file of ours';
  return {
    kind,
    jobs,
    lists: jobs.map((job, i) => ({
      job,
      zone: ZONES[i]?.[0] ?? '',
      suffix: ZONES[i]?.[1] ?? '',
      key: isFile ? '' : (keys[i] ?? ''),
    })),
    createsIt: ours,
    data: ours
      ? undefined
      : { 'prometheus.yml': encoded(kind, text), other: encoded(kind, 'foreign 0') },
    text: ours ? '' : text,
  };
}

/** As the object holds it. */
export const encoded = (kind: Scene['kind'], text: string) =>
  kind === 'secret' ? Buffer.from(text).toString('base64') : text;

const OURS = { format: 'file_sd', create: true };

/** The hosts of a list, as they are in its text. */
export function hostsIn(text: string, suffix: string): readonly string[] {
  const cache = suffix === 'p.internal' ? P : Q;
  if (cache.text !== text) {
    cache.text = text;
    cache.hosts = [...new Set(text.match(cache.pattern))].sort();
  }
  return cache.hosts;
}
const P = { pattern: /[a-z0-9-]+\.p\.internal/g, text: '', hosts: [] as readonly string[] };
const Q = { pattern: /[a-z0-9-]+\.q\.internal/g, text: '', hosts: [] as readonly string[] };

/** All of a document but its lists. */
export function outside(text: string): string {
  return text
    .replace(/^ *(?:- targets:|- ['"]?[a-z0-9.:-]+['"]?|labels:|clusterID: .*)\n/gm, '')
    .replace(/static_configs:.*/g, 'static_configs:');
}
