import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { load } from 'js-yaml';
import type { Job, Place } from '../../src/job.ts';
import { objectOf } from '../../src/location.ts';
import type { Snapshot } from '../../src/objects/objects.ts';
import { render } from '../../src/render.ts';
import { parseSettings } from '../../src/settings/parse.ts';
import { targetsOf } from '../../src/targets/targets.ts';
import { interleaved, median, type Section } from './figures.ts';
import { prometheusYml } from './world.ts';

const sizes = [10, 100, 1_000, 5_000] as const;
type Size = (typeof sizes)[number];

const settings = `jobs:
  - job: federate
    from: [{ zone: Z08214473FVAJ9QTLWTEC }]
    select: { name: '^(?<clusterID>[^.]+)\\.prometheus\\.internal$' }
    to: { configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml } }
`;

const cluster = (n: number) => `c${String(n).padStart(5, '0')}`;
const list = (n: number) =>
  Array.from(
    { length: n },
    (_, i) =>
      `      - targets:\n          - ${cluster(i)}.prometheus.internal.\n        labels:\n          clusterID: ${cluster(i)}`,
  );

/** Select, render, splice and compare: all of a sync but its calls, for a list that gains one target and loses one. */
export async function work(runs: number): Promise<Section> {
  const job = parseSettings(settings, 'federation-sync.yml', '/').jobs[0] as Job;
  const prepared = new Map(sizes.map((size) => [size, prepare(job, size)]));
  const sync = (size: Size) => timed(() => (prepared.get(size) as Prepared).run());
  const yaml = (size: Size) => timed(() => (prepared.get(size) as Prepared).loadTwice());
  const times = await interleaved(runs, {
    sync10: () => sync(10),
    yaml10: () => yaml(10),
    sync100: () => sync(100),
    yaml100: () => yaml(100),
    sync1000: () => sync(1_000),
    yaml1000: () => yaml(1_000),
    sync5000: () => sync(5_000),
    yaml5000: () => yaml(5_000),
  });
  const of = (what: 'sync' | 'yaml', size: Size) => median(times[`${what}${size}`]);
  return {
    table: {
      title: `Work: select, render, splice and compare, medians of ${runs} runs`,
      columns: ['targets', 'ms', 'ms a target', 'two YAML loads, ms', 'ratio'],
      rows: sizes.map((size) => [
        size,
        of('sync', size),
        of('sync', size) / size,
        of('yaml', size),
        of('sync', size) / of('yaml', size),
      ]),
    },
    figures: [
      {
        id: 'work.linear',
        what: 'Work for 5,000 targets',
        value: of('sync', 5_000) / of('sync', 1_000),
        unit: 'x that for 1,000',
        goal: 6,
      },
      {
        id: 'work.yaml',
        what: 'Work for 1,000 targets',
        value: of('sync', 1_000) / of('yaml', 1_000),
        unit: 'x two YAML loads of the same document',
        goal: 2.5,
      },
    ],
  };
}

interface Prepared {
  run(): void;
  loadTwice(): void;
}

function prepare(job: Job, size: Size): Prepared {
  const place = job.to[0] as Place;
  const text = prometheusYml(list(size));
  // The first cluster has gone, and a new one has come.
  const records = Array.from({ length: size }, (_, i) => ({
    name: `${cluster(i + 1)}.prometheus.internal.`,
    type: 'A',
  }));
  const snapshot: Snapshot = {
    object: objectOf(place.location),
    texts: new Map([['prometheus.yml', text]]),
    version: '1',
    adopted: [job.name],
    memory: undefined,
    ours: true,
    paused: false,
    bytes: text.length,
    lastWriter: undefined,
  };
  return {
    run() {
      const wanted = new Map([[job, targetsOf(job, [records])]]);
      const { outcomes } = render([{ job, place }], snapshot, wanted, { now: 0 });
      if (!outcomes[0]?.pending)
        throw new Error(`not the edit that was meant: ${outcomes[0]?.fault?.message}`);
    },
    loadTwice() {
      load(text);
      load(text);
    },
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options: { type: 'minor' }) => void;

/** Milliseconds. One run's garbage is not the next one's time. */
function timed(work: () => void): number {
  collectGarbage({ type: 'minor' });
  const begun = performance.now();
  work();
  return performance.now() - begun;
}
