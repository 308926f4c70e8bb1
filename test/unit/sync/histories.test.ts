import { beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import { objectOf } from '../../../src/location.ts';
import type { Change, Objects, Snapshot } from '../../../src/objects/objects.ts';
import { sync } from '../../../src/sync.ts';
import {
  configMap,
  PROMETHEUS,
  prometheusYml,
  summarize,
  World,
} from '../../support/fakes/world.ts';

/*
 * Histories of several runs and writers that once ended with a list that was not the zone's, and with a run that said
 * all was well.
 */

let world: World;
const run = { signal: new AbortController().signal };

beforeEach(async () => {
  world = new World();
  world.store.put(PROMETHEUS, prometheusYml({ federate: [] }));
  world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal');
  await world.sync();
});

const listed = () => world.store.text(PROMETHEUS)?.match(/[a-z]+\.internal/g) ?? [];

/** The store behind a network that loses the answer of the first write, and delivers its request later. */
function lateWrites() {
  const pending: { snapshot: Snapshot; change: Change }[] = [];
  let reads = 0;
  let deliverAt = Number.POSITIVE_INFINITY;
  const { store } = world;
  const deliver = async () => {
    for (const { snapshot, change } of pending.splice(0)) {
      await store.write(snapshot, change, run).catch(() => undefined);
    }
  };
  const objects: Objects = {
    read: async (object, options, within) => {
      if (pending.length > 0 && ++reads >= deliverAt) await deliver();
      return store.read(object, options, within);
    },
    write: async (snapshot, change, within) => {
      if (pending.length === 0 && deliverAt !== 0) {
        pending.push({ snapshot, change });
        throw new Fault('write-unknown', 'no answer');
      }
      return store.write(snapshot, change, within);
    },
  };
  return {
    objects,
    deliver,
    /** Before which read after the write it arrives; 0: the next write is answered. */
    deliverBefore: (read: number) => {
      deliverAt = read;
    },
  };
}

const syncWith = (objects: Objects) =>
  sync(world.jobs(), { records: world.zones, objects }, { ...run, pauseMs: 1 });

describe('a write without an answer, and a zone that goes back', () => {
  test('that arrives after the run has read the object again is not overlooked', async () => {
    const network = lateWrites();
    world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal', 'd.internal');
    world.zones.afterListing('Z1', () =>
      world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal'),
    );
    // The read that follows the write sees the old list, which is what the zone has again.
    network.deliverBefore(2);
    expect(summarize(await syncWith(network.objects))).toEqual(['federate written']);
    expect(listed()).toEqual(['a.internal', 'b.internal', 'c.internal']);
  });

  test('that never arrives while the run lasts fails the run, and a retry may help', async () => {
    const network = lateWrites();
    world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal', 'd.internal');
    world.zones.afterListing('Z1', () =>
      world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal'),
    );
    const [outcome] = await syncWith(network.objects);
    expect(outcome).toMatchObject({
      status: 'failed',
      fault: { code: 'write-unknown', retryable: true },
    });
    await network.deliver();
    expect(listed()).toContain('d.internal');
    expect(summarize(await world.sync())).toEqual(['federate written']);
    expect(listed()).toEqual(['a.internal', 'b.internal', 'c.internal']);
  });

  test('that cannot arrive any more, because another writer was first, is forgotten', async () => {
    const network = lateWrites();
    world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal', 'd.internal');
    world.zones.afterListing('Z1', () => {
      world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal');
      world.store.before('read', PROMETHEUS, () =>
        world.store.put(configMap('monitoring/prometheus-server:other'), 'x'),
      );
    });
    expect(summarize(await syncWith(network.objects))).toEqual(['federate unchanged']);
    await network.deliver();
    expect(listed()).toEqual(['a.internal', 'b.internal', 'c.internal']);
  });
});

describe('a run that finds nothing to do', () => {
  test('reads the object again: another run may have written an older list', async () => {
    // An older run lists a zone with d, and writes after this run has read the object.
    const older = await world.store.read(objectOf(PROMETHEUS), { create: false }, run);
    const text = prometheusYml({
      federate: ['a.internal', 'b.internal', 'c.internal', 'd.internal'],
    });
    world.zones.afterListing('Z1', () =>
      world.store
        .write(older, { texts: new Map([['prometheus.yml', text]]), managed: ['federate'] }, run)
        .then(() => undefined),
    );
    expect(summarize(await world.sync())).toEqual(['federate written']);
    expect(listed()).toEqual(['a.internal', 'b.internal', 'c.internal']);
  });

  test('is done if only something else changed', async () => {
    world.zones.afterListing('Z1', () =>
      world.store.put(configMap('monitoring/prometheus-server:other'), 'x'),
    );
    const listings = world.zones.listings();
    expect(summarize(await world.sync())).toEqual(['federate unchanged']);
    expect(world.zones.listings() - listings).toBe(1);
  });

  test('fails if the object cannot be read again', async () => {
    world.zones.afterListing('Z1', () =>
      world.store.fail('read', PROMETHEUS, 'kubernetes-unavailable'),
    );
    expect(summarize(await world.sync())).toEqual(['federate failed kubernetes-unavailable']);
  });

  test('gives up as after conflicts, if the list keeps changing', async () => {
    const flip = () => {
      const n = world.zones.listings();
      world.store.put(
        PROMETHEUS,
        prometheusYml({ federate: ['a.internal', 'b.internal', 'c.internal'] }).concat(`# ${n}\n`),
      );
      world.zones.afterListing('Z1', flip);
    };
    world.zones.afterListing('Z1', flip);
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({ status: 'failed', fault: { code: 'conflict' }, conflicts: 4 });
  });
});

describe('a listing of several pages', () => {
  test('may lack a name that was never removed: before a removal, records are listed once more', async () => {
    world.zones.inPages('Z1', 2);
    world.zones.set('Z1', 'a.internal', 'c.internal', 'd.internal');
    world.zones.afterListing('Z1', () =>
      world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal', 'd.internal'),
    );
    const listings = world.zones.listings();
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({ status: 'written', difference: { removed: [] } });
    expect(listed()).toEqual(['a.internal', 'b.internal', 'c.internal', 'd.internal']);
    expect(world.zones.listings() - listings).toBe(2);
  });

  test('removes what both lack, and adds what either has', async () => {
    world.zones.inPages('Z1', 2);
    world.zones.set('Z1', 'b.internal', 'x.internal');
    world.zones.afterListing('Z1', () => world.zones.set('Z1', 'c.internal', 'y.internal'));
    const [outcome] = await world.sync();
    expect(outcome?.difference.removed.map(({ address }) => address)).toEqual(['a.internal.']);
    expect(listed()).toEqual(['b.internal', 'c.internal', 'x.internal', 'y.internal']);
  });

  test('is not listed again for additions, for what is kept, or where it has one page', async () => {
    const listings = world.zones.listings();
    world.zones.set('Z1', 'a.internal', 'b.internal');
    expect(summarize(await world.sync())).toEqual(['federate written']);
    world.zones.inPages('Z1', 2);
    world.zones.set('Z1', 'a.internal', 'b.internal', 'c.internal');
    expect(summarize(await world.sync())).toEqual(['federate written']);
    world.zones.set('Z1', 'a.internal', 'b.internal');
    expect((await world.sync(world.jobs({ keep: '1h' })))[0]?.kept).toHaveLength(1);
    expect(world.zones.listings() - listings).toBe(3);
  });

  test('whose second listing fails removes nothing', async () => {
    world.zones.inPages('Z1', 2);
    world.zones.set('Z1', 'a.internal', 'b.internal');
    world.zones.afterListing('Z1', () => world.zones.break('Z1', 'aws-throttled'));
    expect(summarize(await world.sync())).toEqual(['federate failed aws-throttled']);
    expect(listed()).toEqual(['a.internal', 'b.internal', 'c.internal']);
  });
});

test('create: true does not bring back an object that was deleted after the run had read it', async () => {
  const place = configMap('monitoring/targets:targets.json');
  const jobs = world.jobs({
    to: {
      configMap: { namespace: 'monitoring', name: 'targets', key: 'targets.json' },
      format: 'file_sd',
      create: true,
    },
  });
  expect(summarize(await world.sync(jobs))).toEqual(['federate written']);
  world.zones.set('Z1', 'a.internal');
  world.store.before('write', place, () => world.store.remove(place));
  const outcomes = await world.sync(jobs, { forced: new Set(['federate']) });
  expect(summarize(outcomes)).toEqual(['federate failed object-missing']);
  expect(world.store.text(place)).toBeUndefined();
});
