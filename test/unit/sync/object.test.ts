import { beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import type { Job } from '../../../src/job.ts';
import { sync } from '../../../src/sync.ts';
import { configMap, prometheusYml, summarize, World } from '../../support/fakes/world.ts';

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
  const KEYS = ['a.json', 'b.json', 'c.yaml'];

  test('are read in one request and written in another; when unchanged, read twice', async () => {
    put(FIRST, SECOND);
    const to = (key: string) => ({
      configMap: { namespace: 'monitoring', name: 'federation-targets', key },
      format: 'file_sd',
    });
    const two = world.jobs({ name: 'one', to: to('a.json') }, { name: 'two', to: to('b.json') });
    expect(summarize(await world.sync(two))).toEqual(['one written', 'two written']);
    expect([world.store.reads(), world.store.writes()]).toEqual([1, 1]);
    expect(world.store.managed(FIRST)).toEqual(['one', 'two']);

    expect(summarize(await world.sync(two))).toEqual(['one unchanged', 'two unchanged']);
    expect([world.store.reads(), world.store.writes()]).toEqual([3, 1]);

    // A conflict costs one more of each.
    world.zones.set('Z1', 'a.internal', 'b.internal');
    world.store.before('write', FIRST, () => world.store.put(THIRD, 'somebody else'));
    expect(summarize(await world.sync(two))).toEqual(['one written', 'two written']);
    expect([world.store.reads(), world.store.writes()]).toEqual([5, 3]);
  });

  test('of one job are written for one listing', async () => {
    put(FIRST, SECOND, THIRD);
    const outcomes = await world.sync(jobs(KEYS));
    expect(outcomes).toMatchObject(Array(3).fill({ status: 'written', conflicts: 0 }));
    expect([world.zones.listings(), world.store.writes()]).toEqual([1, 1]);
    expect(world.store.text(THIRD)).toContain('a.internal.');
    expect(summarize(await world.sync(jobs(KEYS)))).toEqual(Array(3).fill('federate unchanged'));
  });

  test('are created in one request', async () => {
    const outcomes = await world.sync(jobs(['a.json', 'b.json'], { create: true }));
    expect(outcomes).toMatchObject(Array(2).fill({ status: 'written', conflicts: 0 }));
    expect([world.zones.listings(), world.store.writes()]).toEqual([1, 1]);
    expect(world.store.text(SECOND)).toContain('a.internal.');
  });

  test('of which one may be created and the other may not', async () => {
    const [create] = jobs(['a.json'], { create: true });
    const [keep] = jobs(['b.json']);
    const both = [{ ...create!, to: [...create!.to, ...keep!.to] }];
    expect(summarize(await world.sync(both))).toEqual([
      'federate written',
      'federate failed object-missing',
    ]);
    expect(world.store.text(SECOND)).toBeUndefined();
  });

  test('are read again together where another writer was faster', async () => {
    put(FIRST, SECOND);
    world.store.before('write', FIRST, () => {
      world.store.put(SECOND, '[{"targets": ["new.internal."]}]');
      world.zones.set('Z1', 'b.internal', 'new.internal');
    });
    const outcomes = await world.sync(jobs(['a.json', 'b.json']));
    expect(outcomes).toMatchObject(Array(2).fill({ status: 'written', conflicts: 1 }));
    expect(world.zones.listings()).toBe(2);
    for (const location of [FIRST, SECOND]) {
      expect(world.store.text(location)).toContain('b.internal.');
      expect(world.store.text(location)).toContain('new.internal.');
    }
  });

  test('of which one would lose targets on the first run keep them, on the second run too', async () => {
    put(FIRST);
    world.store.put(SECOND, '[{"targets": ["by-hand:80"]}]');
    const two = jobs(['a.json', 'b.json']);
    const refused = ['federate written', 'federate refused guard-adopt'];
    expect(summarize(await world.sync(two))).toEqual(refused);
    expect(world.store.managed(FIRST)).toBeUndefined();
    expect(summarize(await world.sync(two))).toEqual(['federate unchanged', refused[1]]);
    expect(world.store.text(SECOND)).toContain('by-hand:80');
    const forced = await world.sync(two, { forced: new Set(['federate']) });
    expect(summarize(forced)).toEqual(['federate unchanged', 'federate written']);
    expect(world.store.managed(FIRST)).toEqual(['federate']);
  });

  test.each(['object-too-large', 'object-immutable', 'kubernetes-forbidden'] as const)(
    'fail together where the write of the object ends in %s',
    async (code) => {
      put(FIRST, SECOND, THIRD);
      world.store.fail('write', SECOND, code);
      expect(summarize(await world.sync(jobs(KEYS)))).toEqual(
        Array(3).fill(`federate failed ${code}`),
      );
      expect(world.store.text(FIRST)).toBe('[]\n');
    },
  );

  test('of which one is missing', async () => {
    put(FIRST);
    expect(summarize(await world.sync(jobs(['b.json', 'a.json'])))).toEqual([
      'federate failed key-missing',
      'federate written',
    ]);
  });

  test('of which one cannot be read', async () => {
    put(FIRST);
    world.store.put(SECOND, 'no: list');
    expect(summarize(await world.sync(jobs(['b.json', 'a.json'])))).toEqual([
      'federate failed document-broken',
      'federate written',
    ]);
    expect(world.store.text(SECOND)).toBe('no: list');
  });

  test('of which the write stays unanswered', async () => {
    put(FIRST, SECOND);
    world.store.before('write', FIRST, () => {
      throw new Fault('write-unknown', 'no answer');
    });
    expect(summarize(await world.sync(jobs(['a.json', 'b.json'])))).toEqual(
      Array(2).fill('federate written'),
    );
  });

  test('of which the unanswered write was applied are not written again', async () => {
    put(FIRST, SECOND);
    const applied = '[{"targets": ["a.internal."], "labels": {"clusterID": "a"}}]';
    const texts: string[] = [];
    world.store.before('write', FIRST, () => {
      throw new Fault('write-unknown', 'no answer');
    });
    // One of the two texts alone is not that write.
    world.store.before('read', FIRST, () => undefined);
    world.store.before('read', FIRST, () => {
      texts.push(world.store.text(SECOND) ?? '');
      world.store.put(FIRST, applied);
    });
    const outcomes = await world.sync(jobs(['a.json', 'b.json']));
    expect(outcomes.map(({ status }) => status)).toEqual(['unchanged', 'written']);
    expect(texts).toEqual(['[]\n']);
  });
});

test('an object is adopted although another one is refused', async () => {
  const other = configMap('monitoring/other:b.json');
  put(FIRST);
  world.store.put(other, '[{"targets": ["by-hand:80"]}]');
  const [job] = jobs(['a.json']);
  const place = { ...job!.to[0]!, location: other };
  expect(summarize(await world.sync([{ ...job!, to: [...job!.to, place] }]))).toEqual([
    'federate written',
    'federate refused guard-adopt',
  ]);
  expect(world.store.managed(FIRST)).toEqual(['federate']);
});

describe('the size of an object', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => `cluster${i}.prometheus.internal`);
  const plan = (planned: readonly Job[]) =>
    sync(
      planned,
      { records: world.zones, objects: world.store.dryRun() },
      { signal: new AbortController().signal },
    );

  test('is that of all keys together: too large fails every list, in a plan too', async () => {
    world.zones.set('Z1', ...many);
    put(FIRST, SECOND);
    const failed = Array(2).fill('federate failed object-too-large');
    expect(summarize(await plan(jobs(['a.json', 'b.json'])))).toEqual(failed);
    expect(summarize(await world.sync(jobs(['a.json', 'b.json'])))).toEqual(failed);
    expect(world.store.writes()).toBe(0);
    expect(summarize(await world.sync(jobs(['a.json'])))).toEqual(['federate written']);
  });

  test('is that after the write: what leaves one key makes room in another', async () => {
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
    expect(summarize(await plan(swap('Z2', 'Z1')))).toEqual(['one planned', 'two planned']);
  });
});

test('a prometheus.yml and a list of our own in one object', async () => {
  const yml = configMap('monitoring/federation-targets:prometheus.yml');
  world.store.put(yml, prometheusYml({ federate: [] }));
  put(FIRST);
  const at = { namespace: 'monitoring', name: 'federation-targets' };
  const to = [
    { configMap: { ...at, key: 'prometheus.yml' } },
    { configMap: { ...at, key: 'a.json' }, format: 'file_sd' },
  ];
  expect(summarize(await world.sync(world.jobs({ to })))).toEqual([
    'federate written',
    'federate written',
  ]);
  expect(world.store.text(yml)).toBe(prometheusYml({ federate: ['a.internal'] }));
  expect(JSON.parse(world.store.text(FIRST) ?? '')).toEqual([
    { targets: ['a.internal.'], labels: { clusterID: 'a' } },
  ]);
});
