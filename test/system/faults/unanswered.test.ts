import { beforeEach, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import {
  configMap,
  PROMETHEUS,
  prometheusYml,
  summarize,
  World,
} from '../../support/fakes/world.ts';

// Writes that nobody answers, again and again: what the run says of them is what the document says.

let world: World;
const arrived = prometheusYml({ federate: ['a.internal'] });
beforeEach(() => {
  world = new World();
  world.zones.set('Z1', 'a.internal');
  world.store.put(PROMETHEUS, prometheusYml({ federate: [] }), { managed: ['federate'] });
});

/** The nth write and those after it are not answered; one of them arrives, for all that. */
function unanswered(arrives: number): void {
  let writes = 0;
  const hook = () => {
    writes += 1;
    if (writes === arrives) world.store.put(PROMETHEUS, arrived, { managed: ['federate'] });
    throw new Fault('write-unknown', `no answer to write ${writes}`);
  };
  world.store.before('write', PROMETHEUS, hook, 99);
}

test.each([1, 2, 3])('write %i of three, that arrived, is written', async (nth) => {
  unanswered(nth);
  expect(summarize(await world.sync(world.jobs(), { attempts: 3 }))).toEqual(['federate written']);
});

test('writes of which none arrived are unknown, after as many reads', async () => {
  unanswered(0);
  const outcomes = await world.sync(world.jobs(), { attempts: 3 });
  expect(summarize(outcomes)).toEqual(['federate failed write-unknown']);
  expect(world.store.writes()).toBe(3);
  expect(world.log.filter((line) => line.startsWith('read '))).toHaveLength(4);
});

test('a late arrival refuses the next write, and is written', async () => {
  let writes = 0;
  world.store.before(
    'write',
    PROMETHEUS,
    () => {
      writes += 1;
      // The first one comes between the reading and the second one.
      if (writes === 2) return world.store.put(PROMETHEUS, arrived, { managed: ['federate'] });
      throw new Fault('write-unknown', 'no answer');
    },
    2,
  );
  expect(summarize(await world.sync())).toEqual(['federate written']);
  expect(writes).toBe(2);
});

test("what cannot be read in the end stays unknown, and is no other document's matter", async () => {
  const other = configMap('monitoring/other:prometheus.yml');
  world.store.put(other, prometheusYml({ federate: [] }), { managed: ['federate'] });
  unanswered(0);
  world.store.before('read', PROMETHEUS, () => undefined);
  world.store.fail('read', PROMETHEUS, 'kubernetes-unavailable', 9);
  const to = [PROMETHEUS, other].map(({ kind, ...place }) => ({ configMap: place }));
  expect(summarize(await world.sync(world.jobs({ to }), { attempts: 2 }))).toEqual([
    'federate failed write-unknown',
    'federate written',
  ]);
});
