import { beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, toJobReport } from '../../../src/report.ts';
import { type Clock, systemClock } from '../../../src/run.ts';
import { PROMETHEUS, prometheusYml, summarize, World } from '../../support/fakes/world.ts';

const START = 1_764_165_600_000;
let world: World;
let now: number;
const clock: Clock = { ...systemClock, now: () => now };

beforeEach(() => {
  world = new World();
  now = START;
});

const host = (i: number) => `c${String(i).padStart(3, '0')}.internal`;
const hosts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => host(from + i));
const listed = () => world.store.text(PROMETHEUS)?.match(/c\d+\.internal/g)?.length ?? 0;

async function run(job: object = {}, options: { forced?: ReadonlySet<string> } = {}) {
  const [outcome] = await world.sync(world.jobs({ ...job }), { clock, ...options });
  return outcome as Outcome;
}

/** A list that a run has written, and so adopted. */
async function begin(n: number, job: object = {}): Promise<void> {
  world.store.put(PROMETHEUS, prometheusYml({ federate: [] }));
  world.zones.set('Z1', ...hosts(0, n));
  await run(job);
}

test('100 clusters that drain two a run are refused with 80 left, and an hour later go on', async () => {
  await begin(100);
  for (let gone = 2; gone <= 20; gone += 2) {
    now += 60_000;
    world.zones.set('Z1', ...hosts(gone, 100));
    expect(summarize([await run()])).toEqual(['federate written']);
  }
  now += 60_000;
  world.zones.set('Z1', ...hosts(22, 100), 'new.internal');
  const refused = await run();
  expect(summarize([refused])).toEqual(['federate refused guard-max-removed']);
  expect(refused.withheld.map(({ address }) => address)).toEqual([
    'c020.internal.',
    'c021.internal.',
  ]);
  expect(listed()).toBe(80);
  // Additions are written.
  expect(world.store.text(PROMETHEUS)).toContain('new.internal');
  const memory = world.store.memory(PROMETHEUS);
  now += 3_600_000;
  expect(summarize([await run()])).toEqual(['federate written']);
  expect(listed()).toBe(78);
  expect(memory).toContain('c019.internal');
  expect(world.store.memory(PROMETHEUS)).not.toContain('c019.internal');
});

test('a run that only has to forget writes nothing', async () => {
  await begin(3);
  world.zones.set('Z1', ...hosts(1, 3));
  await run();
  const writes = world.store.writes();
  expect(world.store.memory(PROMETHEUS)).toContain('c000.internal');
  now += 7_200_000;
  expect(summarize([await run()])).toEqual(['federate unchanged']);
  expect(world.store.writes()).toBe(writes);
});

test('a garbled memory withholds removals and is not overwritten; additions are written', async () => {
  await begin(10);
  const text = world.store.text(PROMETHEUS) ?? '';
  world.store.put(PROMETHEUS, text, { memory: '{"v":9}' });
  world.zones.set('Z1', ...hosts(1, 11));
  const outcome = await run();
  expect(summarize([outcome])).toEqual(['federate refused guard-memory']);
  expect(outcome.warnings).toEqual([
    {
      code: 'memory-garbled',
      message:
        'the annotation with past removals cannot be read, so nothing is removed; to begin a new one: ' +
        'kubectl annotate configmap prometheus-server -n monitoring route53-federation-sync/gone-',
    },
  ]);
  expect(listed()).toBe(11);
  expect(world.store.memory(PROMETHEUS)).toBe('{"v":9}');
  world.store.put(PROMETHEUS, world.store.text(PROMETHEUS) ?? '', { memory: undefined });
  expect(summarize([await run()])).toEqual(['federate written']);
  expect(listed()).toBe(10);
});

test('two lists of one object are remembered apart, and a run of one leaves the other', async () => {
  world.store.put(PROMETHEUS, prometheusYml({ federate: [], other: [] }));
  world.zones.set('Z1', ...hosts(0, 5));
  world.zones.set('Z2', ...hosts(50, 55));
  const jobs = world.jobs({}, { job: 'other', zones: ['Z2'] });
  await world.sync(jobs, { clock });
  world.zones.set('Z1', ...hosts(1, 5));
  world.zones.set('Z2', ...hosts(51, 55));
  await world.sync([jobs[1]!], { clock });
  await world.sync([jobs[0]!], { clock });
  const seconds = START / 1000;
  expect(JSON.parse(world.store.memory(PROMETHEUS) ?? '')).toEqual({
    v: 1,
    lists: {
      'prometheus.yml/federate': { gone: { 'c000.internal': seconds } },
      'prometheus.yml/other': { gone: { 'c050.internal': seconds } },
    },
  });
});

describe('keep', () => {
  const keep = { keep: '15m' };

  test('100 clusters, one name goes: still 100, unchanged, and reported with its time', async () => {
    await begin(100, keep);
    const text = world.store.text(PROMETHEUS);
    world.zones.set('Z1', ...hosts(1, 100));
    const outcome = await run(keep);
    expect(summarize([outcome])).toEqual(['federate unchanged']);
    expect(world.store.text(PROMETHEUS)).toBe(text);
    expect(toJobReport(outcome).kept).toEqual([
      {
        target: 'c000.internal.',
        until: new Date(START + 900_000).toISOString().replace('.000', ''),
      },
    ]);
    // Remembered once; later runs until then write nothing.
    const writes = world.store.writes();
    now += 899_000;
    expect((await run(keep)).kept).toHaveLength(1);
    expect(world.store.writes()).toBe(writes);
    now += 1_000;
    const last = await run(keep);
    expect(summarize([last])).toEqual(['federate written']);
    expect(last.difference.removed.map(({ address }) => address)).toEqual(['c000.internal.']);
    expect(listed()).toBe(99);
  });

  test('a name that comes back changes nothing in the list, and has its whole time again', async () => {
    await begin(3, keep);
    const text = world.store.text(PROMETHEUS);
    world.zones.set('Z1', ...hosts(1, 3));
    await run(keep);
    now += 600_000;
    world.zones.set('Z1', ...hosts(0, 3));
    expect(await run(keep)).toMatchObject({ status: 'unchanged', kept: [] });
    now += 60_000;
    world.zones.set('Z1', ...hosts(1, 3));
    const again = await run(keep);
    expect(again.kept.map(({ until }) => until)).toEqual([now + 900_000]);
    expect(world.store.text(PROMETHEUS)).toBe(text);
  });

  test('a kept target keeps its labels while others change', async () => {
    await begin(3, keep);
    world.zones.set('Z1', ...hosts(1, 3));
    const outcome = await run({ ...keep, labels: { clusterID: '{label}', env: 'prod' } });
    expect(outcome).toMatchObject({
      status: 'written',
      kept: [{ target: { labels: { clusterID: 'c000' } } }],
    });
    expect(world.store.text(PROMETHEUS)?.match(/env: prod/g)).toHaveLength(2);
    expect(listed()).toBe(3);
  });

  test('force lets it go', async () => {
    await begin(3, keep);
    world.zones.set('Z1', ...hosts(1, 3));
    await run(keep);
    const forced = await run(keep, { forced: new Set(['federate']) });
    expect(summarize([forced])).toEqual(['federate written']);
    expect(listed()).toBe(2);
  });

  test('where it cannot be remembered, the report says so', async () => {
    await begin(3, keep);
    world.zones.set('Z1', ...hosts(1, 3));
    world.store.fail('write', PROMETHEUS, 'kubernetes-forbidden');
    const outcome = await run(keep);
    expect(outcome).toMatchObject({ status: 'unchanged', warnings: [{ code: 'not-annotated' }] });
    expect(listed()).toBe(3);
  });
});
