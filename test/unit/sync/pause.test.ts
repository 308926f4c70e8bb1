import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  configMap,
  PROMETHEUS,
  prometheusYml,
  summarize,
  World,
} from '../../support/fakes/world.ts';

const waits: number[] = [];

beforeAll(() => {
  vi.spyOn(timers, 'setTimeout').mockImplementation(async (milliseconds, value) => {
    waits.push(Number(milliseconds));
    return value;
  });
  syncBuiltinESMExports();
});
afterAll(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

test('the pauses between attempts double up to a limit, with jitter', async () => {
  const world = new World();
  const note = configMap('monitoring/prometheus-server:note');
  world.zones.set('Z1', 'a.internal');
  world.store.put(PROMETHEUS, prometheusYml({ federate: [] }), { managed: ['federate'] });
  world.store.before('write', PROMETHEUS, () => world.store.put(note, 'theirs'), 16);
  for (let run = 0; run < 2; run++) {
    const outcomes = await world.sync(world.jobs(), { attempts: 8, pauseMs: 100 });
    expect(summarize(outcomes)).toEqual(['federate failed conflict']);
  }
  expect(waits).toHaveLength(14);
  const [first, second] = [waits.slice(0, 7), waits.slice(7)];
  for (const run of [first, second]) {
    for (const [i, longest] of [200, 400, 800, 1_600, 2_000, 2_000, 2_000].entries()) {
      expect(run[i]).toBeGreaterThanOrEqual(longest / 2);
      expect(run[i]).toBeLessThanOrEqual(longest);
    }
  }
  expect(first).not.toEqual(second);
});
