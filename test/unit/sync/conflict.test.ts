import { beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import {
  configMap,
  PROMETHEUS,
  prometheusYml,
  summarize,
  World,
} from '../../support/fakes/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
  world.zones.set('Z1', 'a.internal', 'b.internal');
  world.store.put(PROMETHEUS, prometheusYml({ federate: ['a.internal'] }), {
    managed: ['federate'],
  });
});

const list = () => world.store.text(PROMETHEUS)?.match(/[a-z0-9]+\.internal/g) ?? [];

/** Another writer changes something of the object, again and again. */
const disturb = (times: number) => {
  let n = 0;
  const note = configMap('monitoring/prometheus-server:note');
  world.store.before('write', PROMETHEUS, () => world.store.put(note, `${++n}`), times);
};

describe('a conflict', () => {
  test('starts over from reading, records included', async () => {
    world.store.before('write', PROMETHEUS, () => {
      world.store.put(PROMETHEUS, prometheusYml({ federate: ['a.internal'], new: ['n.internal'] }));
      world.zones.set('Z1', 'a.internal', 'c.internal');
    });
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({ status: 'written', conflicts: 1 });
    // The other writer's change is kept, and the list is of the records as they were listed after it.
    expect(world.store.text(PROMETHEUS)).toBe(
      prometheusYml({ federate: ['a.internal', 'c.internal'], new: ['n.internal'] }),
    );
    expect(world.log.map((it) => it.split(' ')[0])).toEqual([
      ...['read', 'list', 'write'],
      ...['read', 'list', 'write'],
    ]);
  });

  test('that brings the wanted list ends without a write', async () => {
    world.store.before('write', PROMETHEUS, () =>
      world.store.put(PROMETHEUS, prometheusYml({ federate: ['a.internal', 'b.internal'] })),
    );
    expect(summarize(await world.sync())).toEqual(['federate unchanged']);
    expect(world.store.writes()).toBe(1);
  });

  test('is tried five times in all', async () => {
    disturb(4);
    expect(await world.sync()).toMatchObject([{ status: 'written', conflicts: 4 }]);
    world.zones.set('Z1', 'b.internal');
    disturb(5);
    const writes = world.store.writes();
    expect(await world.sync()).toMatchObject([
      {
        status: 'failed',
        conflicts: 4,
        fault: {
          code: 'conflict',
          retryable: true,
          message: expect.stringMatching(
            /; before that, somebody was its last writer \(5 attempts\)$/,
          ),
        },
      },
    ]);
    expect(world.store.writes() - writes).toBe(5);
    expect(list()).toEqual(['a.internal', 'b.internal']);
  });

  test('applies the guard to the list as it is now', async () => {
    const hosts = Array.from({ length: 10 }, (_, i) => `c${i}.internal`);
    world.store.before('write', PROMETHEUS, () =>
      world.store.put(PROMETHEUS, prometheusYml({ federate: hosts })),
    );
    expect(summarize(await world.sync())).toEqual(['federate refused guard-max-removed']);
    // What is new is written; what would go stays.
    expect(list()).toEqual(['a.internal', 'b.internal', ...hosts]);
  });

  test('ends as paused if another writer paused the object', async () => {
    world.store.before('write', PROMETHEUS, () =>
      world.store.put(PROMETHEUS, world.store.text(PROMETHEUS) ?? '', { paused: true }),
    );
    expect(summarize(await world.sync())).toEqual(['federate paused']);
    expect(list()).toEqual(['a.internal']);
  });

  test('ends with the fault of the next read', async () => {
    world.store.before('write', PROMETHEUS, () => world.store.remove(PROMETHEUS));
    expect(summarize(await world.sync())).toEqual(['federate failed object-missing']);
  });

  test.each([
    ['object', { configMap: { namespace: 'monitoring', name: 'other', key: 'prometheus.yml' } }],
    ['file', { file: '/other.yml' }],
  ])('reads no other %s again', async (_, to) => {
    const [job] = world.jobs({ to: [to, { file: '/third.yml' }] });
    const others = job!.to.map(({ location }) => location);
    for (const other of others) world.store.put(other, prometheusYml({ federate: [] }));
    disturb(1);
    const mine = world.jobs()[0]!.to;
    expect(summarize(await world.sync([{ ...job!, to: [...mine, ...job!.to] }]))).toEqual(
      Array(3).fill('federate written'),
    );
    for (const other of others) {
      expect(world.store.reads(other)).toBe(1);
    }
  });

  test('of one object does not list again for another', async () => {
    const other = configMap('monitoring/other:prometheus.yml');
    world.store.put(other, prometheusYml({ federate: [] }));
    disturb(1);
    const to = [PROMETHEUS, other].map(({ kind, ...place }) => ({ configMap: place }));
    expect(summarize(await world.sync(world.jobs({ to })))).toEqual([
      'federate written',
      'federate written',
    ]);
    expect(world.zones.listings()).toBe(2);
    expect(world.store.writes(other)).toBe(1);
  });
});

describe('an old run', () => {
  test('never overwrites a newer one', async () => {
    // The old run has listed a and b; before it writes, b goes, and a newer run writes that.
    world.zones.afterListing('Z1', async () => {
      world.zones.set('Z1', 'a.internal', 'c.internal');
      expect(summarize(await world.sync())).toEqual(['federate written']);
      expect(list()).toEqual(['a.internal', 'c.internal']);
    });
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({ status: 'unchanged', conflicts: 1 });
    expect(list()).toEqual(['a.internal', 'c.internal']);
  });

  test('never overwrites a newer one, even if the zone changes back', async () => {
    world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal');
    world.zones.afterListing('Z1', async () => {
      world.zones.set('Z1', 'a.internal', 'd.internal');
      await world.sync();
      world.zones.set('Z1', 'd.internal');
    });
    await world.sync();
    expect(list()).toEqual(['d.internal']);
  });

  test('that reads while a newer one writes has a stale version', async () => {
    const order: string[] = [];
    world.store.before('write', PROMETHEUS, async () => {
      if (order.push('first write') > 1) return;
      world.zones.set('Z1', 'a.internal', 'z.internal');
      expect(summarize(await world.sync())).toEqual(['federate written']);
    });
    await world.sync();
    expect(list()).toEqual(['a.internal', 'z.internal']);
  });
});

describe('a write without an answer', () => {
  const unknown = (arrives: boolean) =>
    world.store.before('write', PROMETHEUS, () => {
      if (arrives)
        world.store.put(PROMETHEUS, prometheusYml({ federate: ['a.internal', 'b.internal'] }));
      throw new Fault('write-unknown', 'no answer');
    });

  test('is written if the object shows it, and is not sent again', async () => {
    unknown(true);
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({ status: 'written', fault: undefined });
    expect(outcome?.difference.added).toHaveLength(1);
    expect(world.store.writes()).toBe(1);
    expect(world.zones.listings()).toBe(1);
  });

  test('is sent again if the object is unchanged', async () => {
    unknown(false);
    expect(summarize(await world.sync())).toEqual(['federate written']);
    expect(world.store.writes()).toBe(2);
    expect(list()).toEqual(['a.internal', 'b.internal']);
  });

  test('is looked for again if the object cannot be read at first', async () => {
    unknown(true);
    let reads = 0;
    world.store.before(
      'read',
      PROMETHEUS,
      () => {
        reads += 1;
        if (reads === 2) throw new Fault('kubernetes-unavailable', 'not now');
      },
      3,
    );
    expect(summarize(await world.sync())).toEqual(['federate written']);
    expect(reads).toBe(3);
  });

  test('stays unknown if the object can no longer be read', async () => {
    unknown(true);
    let reads = 0;
    world.store.before(
      'read',
      PROMETHEUS,
      () => {
        reads += 1;
        if (reads > 1) throw new Fault('kubernetes-unavailable', 'not now');
      },
      99,
    );
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({
      status: 'failed',
      fault: { code: 'write-unknown', retryable: true },
    });
    expect(reads).toBeGreaterThanOrEqual(5);
  });

  test('that a conflict follows is read once more', async () => {
    unknown(false);
    disturb(1);
    expect(await world.sync()).toMatchObject([{ status: 'written', conflicts: 2 }]);
    expect(list()).toEqual(['a.internal', 'b.internal']);
  });
});
