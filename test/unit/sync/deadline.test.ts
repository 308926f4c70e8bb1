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

test('a run that has timed out does nothing', async () => {
  over.abort();
  expect(summarize(await run())).toEqual(BOTH);
  expect(world.log).toEqual([]);
});

test('a timeout during the listing changes nothing', async () => {
  world.zones.afterListing('Z1', () => over.abort());
  const outcomes = await run();
  expect(summarize(outcomes)).toEqual(BOTH);
  expect(outcomes[0]?.fault?.message).toContain('before the targets of federate were selected');
  expect(world.store.writes()).toBe(0);
});

test('a timeout is reported as deadline where the listing reports an abort', async () => {
  world.zones.afterListing('Z1', () => {
    over.abort();
    throw new DOMException('aborted', 'AbortError');
  });
  const outcomes = await run();
  expect(summarize(outcomes)).toEqual(BOTH);
  expect(outcomes[0]?.fault?.message).toContain('in the listing');
});

test('a timeout after a write does not undo it', async () => {
  world.store.before('write', PROMETHEUS, () => over.abort());
  const outcomes = await run();
  expect(summarize(outcomes)).toEqual(['federate written', 'federate failed deadline']);
  expect(outcomes[1]?.fault).toMatchObject({ retryable: true });
  expect(world.store.text(PROMETHEUS)).toContain('a.internal.');
});

test('a timeout ends a run even if no port checks the signal', async () => {
  const { store, zones: records } = world;
  const forever = { signal: new AbortController().signal };
  const objects: Objects = {
    read: (object, options) => store.read(object, options, forever),
    write: (snapshot, change) => store.write(snapshot, change, forever),
  };
  store.before('write', PROMETHEUS, () => over.abort());
  const outcomes = await sync(jobs(), { records, objects }, { signal: over.signal });
  expect(summarize(outcomes)).toEqual(['federate written', 'federate failed deadline']);
  expect(store.writes(OTHER)).toBe(0);
});

test('a fault at the time of the timeout is reported as it is', async () => {
  world.zones.afterListing('Z1', () => {
    over.abort();
    throw new Fault('zone-forbidden', 'not allowed');
  });
  expect(summarize(await run())[0]).toBe('federate failed zone-forbidden');
});

test('a timeout ends the pause after a conflict', async () => {
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

test('a write without an answer before the timeout stays unknown', async () => {
  world.store.before('write', PROMETHEUS, () => {
    over.abort();
    throw new Fault('write-unknown', 'no answer');
  });
  expect(summarize(await run())).toEqual([
    'federate failed write-unknown',
    'federate failed deadline',
  ]);
});
