import { beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import type { Snapshot } from '../../../src/objects/documents.ts';
import { dryRun } from '../../../src/objects/objects.ts';
import { besides } from '../../../src/render.ts';
import { sync } from '../../../src/sync.ts';
import { configMap, prometheusYml, told, World } from '../../support/fakes/world.ts';

const FIRST = configMap('monitoring/federation-targets:a.json');
const SECOND = configMap('monitoring/federation-targets:b.json');
const THIRD = configMap('monitoring/federation-targets:c.yaml');

let world: World;
beforeEach(() => {
  world = new World();
  world.zones.set('Z1', 'a.internal');
});

/** One job into several keys of one ConfigMap. */
const jobs = (keys: string[], more: Record<string, unknown> = {}) =>
  world.jobs({
    to: keys.map((key) => ({
      configMap: { namespace: 'monitoring', name: 'federation-targets', key },
      format: 'file_sd',
      ...more,
    })),
  });
const put = (...locations: (typeof FIRST)[]) => {
  for (const location of locations) world.store.put(location, '[]\n');
};

describe('several keys of one object', () => {
  test('are written in one run, for one listing', async () => {
    put(FIRST, SECOND, THIRD);
    const outcomes = await world.sync(jobs(['a.json', 'b.json', 'c.yaml']));
    expect(outcomes).toMatchObject(Array(3).fill({ status: 'written', conflicts: 0 }));
    expect(world.zones.listings()).toBe(1);
    expect(world.store.writes()).toBe(3);
    expect(world.store.text(THIRD)).toContain('a.internal.');
    expect(told(await world.sync(jobs(['a.json', 'b.json', 'c.yaml'])))).toEqual(
      Array(3).fill('federate unchanged'),
    );
  });

  test('are created in one run', async () => {
    const outcomes = await world.sync(jobs(['a.json', 'b.json'], { create: true }));
    expect(outcomes).toMatchObject(Array(2).fill({ status: 'written', conflicts: 0 }));
    expect(world.zones.listings()).toBe(1);
    expect(world.store.text(SECOND)).toContain('a.internal.');
  });

  test('of several jobs keep the names of all of them in the annotation', async () => {
    put(FIRST, SECOND);
    const to = (key: string) => ({
      configMap: { namespace: 'monitoring', name: 'federation-targets', key },
      format: 'file_sd',
    });
    await world.sync(
      world.jobs({ name: 'one', to: to('a.json') }, { name: 'two', to: to('b.json') }),
    );
    expect(world.store.managed(FIRST)).toEqual(['one', 'two']);
  });

  test('are read again together where another writer was faster', async () => {
    put(FIRST, SECOND);
    world.store.before('write', FIRST, () => {
      world.store.put(THIRD, 'somebody else');
      world.zones.set('Z1', 'b.internal');
    });
    const outcomes = await world.sync(jobs(['a.json', 'b.json']));
    expect(outcomes).toMatchObject([
      { status: 'written', conflicts: 1 },
      { status: 'written', conflicts: 0 },
    ]);
    expect(world.zones.listings()).toBe(2);
    expect(world.store.text(SECOND)).toContain('b.internal.');
  });

  test('do not hide another writer between our own writes', async () => {
    put(FIRST, SECOND);
    world.store.before('write', SECOND, () => {
      world.store.put(SECOND, '[{"targets": ["new.internal."]}]');
      world.zones.set('Z1', 'a.internal', 'new.internal');
    });
    const outcomes = await world.sync(jobs(['a.json', 'b.json'], {}));
    expect(outcomes).toMatchObject([
      { status: 'written', conflicts: 0 },
      { status: 'written', conflicts: 1 },
    ]);
    expect(world.store.text(SECOND)).toContain('new.internal.');
  });

  test('read at different versions are not taken for one', async () => {
    put(FIRST, SECOND);
    // Between the two readings of the object.
    world.store.before('read', SECOND, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      world.store.put(THIRD, 'somebody else');
    });
    const outcomes = await world.sync(jobs(['a.json', 'b.json']));
    expect(told(outcomes)).toEqual(['federate written', 'federate written']);
    expect(outcomes[0]?.conflicts).toBe(1);
  });

  test('of which the second was read before somebody changed it are no one read', async () => {
    put(FIRST, SECOND);
    world.store.before('read', FIRST, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      world.store.put(SECOND, '[{"targets": ["theirs.internal."]}]');
    });
    const outcomes = await world.sync(jobs(['a.json', 'b.json'], {}));
    expect(outcomes).toMatchObject([
      { status: 'written', conflicts: 0 },
      {
        status: 'written',
        conflicts: 1,
        difference: { removed: [{ address: 'theirs.internal.' }] },
      },
    ]);
  });

  test('of which one would lose targets on the first run keep them, on the second run too', async () => {
    put(FIRST);
    world.store.put(SECOND, '[{"targets": ["by-hand:80"]}]');
    const two = jobs(['a.json', 'b.json']);
    const refused = ['federate written', 'federate refused guard-adopt'];
    expect(told(await world.sync(two))).toEqual(refused);
    expect(world.store.managed(FIRST)).toEqual([]);
    expect(told(await world.sync(two))).toEqual(['federate unchanged', refused[1]]);
    expect(world.store.text(SECOND)).toContain('by-hand:80');
    const forced = await world.sync(two, { forced: new Set(['federate']) });
    expect(told(forced)).toEqual(['federate unchanged', 'federate written']);
    expect(world.store.managed(FIRST)).toEqual(['federate']);
  });

  test('fail alone', async () => {
    put(FIRST, SECOND, THIRD);
    world.store.fail('write', SECOND, 'object-too-large');
    expect(told(await world.sync(jobs(['a.json', 'b.json', 'c.yaml'])))).toEqual([
      'federate written',
      'federate failed object-too-large',
      'federate written',
    ]);
    expect(world.zones.listings()).toBe(1);
  });

  test('of which one is missing', async () => {
    put(FIRST);
    expect(told(await world.sync(jobs(['b.json', 'a.json'])))).toEqual([
      'federate failed key-missing',
      'federate written',
    ]);
  });

  test('of which one write stays unanswered', async () => {
    put(FIRST, SECOND);
    world.store.before('write', FIRST, () => {
      throw new Fault('write-unknown', 'no answer');
    });
    expect(told(await world.sync(jobs(['a.json', 'b.json'])))).toEqual([
      'federate written',
      'federate written',
    ]);
  });
});

test('an object is adopted, whatever another one refuses', async () => {
  const other = configMap('monitoring/other:b.json');
  put(FIRST);
  world.store.put(other, '[{"targets": ["by-hand:80"]}]');
  const [job] = jobs(['a.json']);
  const place = { ...job!.to[0]!, location: other };
  expect(told(await world.sync([{ ...job!, to: [...job!.to, place] }]))).toEqual([
    'federate written',
    'federate refused guard-adopt',
  ]);
  expect(world.store.managed(FIRST)).toEqual(['federate']);
});

test('a plan of several keys counts what each would take of the object', async () => {
  const many = Array.from({ length: 5_000 }, (_, i) => `cluster${i}.prometheus.internal`);
  world.zones.set('Z1', ...many);
  put(FIRST, SECOND);
  const { zones: records, store } = world;
  const run = { signal: new AbortController().signal };
  const ports = { records, documents: dryRun(store) };
  const outcomes = await sync(jobs(['a.json', 'b.json']), ports, run);
  expect(told(outcomes)).toEqual(['federate planned', 'federate failed object-too-large']);
  expect(store.writes()).toBe(0);
});

test('what a plan takes out of one key makes room in another', async () => {
  const many = Array.from({ length: 5_000 }, (_, i) => `cluster${i}.prometheus.internal`);
  world.zones.set('Z1', ...many);
  world.zones.set('Z2', 'a.internal');
  put(FIRST, SECOND);
  const at = { namespace: 'monitoring', name: 'federation-targets' };
  const to = (key: string) => ({ configMap: { ...at, key }, format: 'file_sd' });
  const loose = { minTargets: 0, maxRemoved: '100%' };
  const swap = (first: string, second: string) =>
    world.jobs(
      { name: 'one', zones: [first], to: to('a.json'), guard: loose },
      { name: 'two', zones: [second], to: to('b.json'), guard: loose },
    );
  await world.sync(swap('Z1', 'Z2'));
  const ports = { records: world.zones, documents: dryRun(world.store) };
  const run = { signal: new AbortController().signal };
  expect(told(await sync(swap('Z2', 'Z1'), ports, run))).toEqual(['one planned', 'two planned']);
});

test('a key that comes new takes its bytes, and no more', () => {
  const snapshot: Snapshot = {
    location: FIRST,
    text: undefined,
    version: '1',
    adopted: undefined,
    paused: false,
    otherBytes: 0,
  };
  const other = { ...snapshot, location: SECOND, otherBytes: 10 };
  const written = { snapshot, text: 'é[]', managed: ['one'], version: '2' };
  expect(besides(other, written)).toMatchObject({ version: '2', adopted: ['one'], otherBytes: 14 });
  expect(besides({ ...other, version: '0' }, written)).toMatchObject({ otherBytes: 10 });
});

test('a prometheus.yml and a list of our own in one object stand beside each other', async () => {
  const yml = configMap('monitoring/federation-targets:prometheus.yml');
  world.store.put(yml, prometheusYml({ federate: [] }));
  put(FIRST);
  const at = { namespace: 'monitoring', name: 'federation-targets' };
  const to = [
    { configMap: { ...at, key: 'prometheus.yml' } },
    { configMap: { ...at, key: 'a.json' }, format: 'file_sd' },
  ];
  expect(told(await world.sync(world.jobs({ to })))).toEqual([
    'federate written',
    'federate written',
  ]);
  expect(world.store.text(yml)).toBe(prometheusYml({ federate: ['a.internal'] }));
  expect(JSON.parse(world.store.text(FIRST) ?? '')).toEqual([
    { targets: ['a.internal.'], labels: { clusterID: 'a' } },
  ]);
});
