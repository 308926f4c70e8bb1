import { beforeEach, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import type { Objects } from '../../../src/objects/objects.ts';
import { sync } from '../../../src/sync.ts';
import {
  configMap,
  PROMETHEUS,
  prometheusYml,
  summarize,
  World,
} from '../../support/fakes/world.ts';

let world: World;
let over: AbortController;
const OTHER = configMap('monitoring/other:prometheus.yml');
beforeEach(() => {
  world = new World();
  over = new AbortController();
  world.zones.set('Z1', 'a.internal');
  for (const place of [PROMETHEUS, OTHER]) world.store.put(place, prometheusYml({ federate: [] }));
});

const jobs = () => {
  const to = [PROMETHEUS, OTHER].map(({ kind, ...place }) => ({ configMap: place }));
  return world.jobs({ to });
};
const run = (pauseMs = 1) => world.sync(jobs(), { signal: over.signal, pauseMs });
const BOTH = ['federate failed deadline', 'federate failed deadline'];

test('a run without any time left does nothing', async () => {
  over.abort();
  expect(summarize(await run())).toEqual(BOTH);
  expect(world.log).toEqual([]);
});

test('time that ends in the listing leaves everything as it was', async () => {
  world.zones.afterListing('Z1', () => over.abort());
  const outcomes = await run();
  expect(summarize(outcomes)).toEqual(BOTH);
  expect(outcomes[0]?.fault?.message).toContain('before the targets of federate were selected');
  expect(world.store.writes()).toBe(0);
});

test('time that ends in a listing that does not know it is told as that', async () => {
  world.zones.afterListing('Z1', () => {
    over.abort();
    throw new DOMException('aborted', 'AbortError');
  });
  const outcomes = await run();
  expect(summarize(outcomes)).toEqual(BOTH);
  expect(outcomes[0]?.fault?.message).toContain('in the listing');
});

test('time that ends with a write does not undo it', async () => {
  world.store.before('write', PROMETHEUS, () => over.abort());
  const outcomes = await run();
  expect(summarize(outcomes)).toEqual(['federate written', 'federate failed deadline']);
  expect(outcomes[1]?.fault).toMatchObject({ retryable: true });
  expect(world.store.text(PROMETHEUS)).toContain('a.internal.');
});

test('time that is over ends a run even where no port looks at it', async () => {
  const { store, zones: records } = world;
  const forever = { signal: new AbortController().signal };
  const objects: Objects = {
    read: (object, options) => store.read(object, options, forever),
    write: (snapshot, texts, managed) => store.write(snapshot, texts, managed, forever),
  };
  store.before('write', PROMETHEUS, () => over.abort());
  const outcomes = await sync(jobs(), { records, objects }, { signal: over.signal });
  expect(summarize(outcomes)).toEqual(['federate written', 'federate failed deadline']);
  expect(store.writes(OTHER)).toBe(0);
});

test('a fault that comes with the end of the time is told as it is', async () => {
  world.zones.afterListing('Z1', () => {
    over.abort();
    throw new Fault('zone-forbidden', 'not allowed');
  });
  expect(summarize(await run())[0]).toBe('federate failed zone-forbidden');
});

test('time that ends in the pause after a conflict is not waited for', async () => {
  world.store.before('write', PROMETHEUS, () => {
    world.store.put(PROMETHEUS, prometheusYml({ federate: ['b.internal'] }));
    setTimeout(() => over.abort(), 20);
  });
  const begun = performance.now();
  const outcomes = await run(60_000);
  expect(summarize(outcomes)).toEqual(BOTH);
  expect(outcomes[0]?.fault?.message).toContain('before the object was read again');
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('a write that nobody answered before the time ended stays unknown', async () => {
  world.store.before('write', PROMETHEUS, () => {
    over.abort();
    throw new Fault('write-unknown', 'no answer');
  });
  expect(summarize(await run())).toEqual([
    'federate failed write-unknown',
    'federate failed deadline',
  ]);
});
