import { beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import {
  configMap,
  PROMETHEUS,
  placesOf,
  prometheusYml,
  summarize,
  World,
} from '../../support/fakes/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
  world.zones.set('Z1', 'a.internal', 'b.internal');
  world.zones.set('Z2', 'x.internal');
  world.store.put(PROMETHEUS, prometheusYml({ federate: ['a.internal'], other: ['o.internal'] }));
});

describe('a sync', () => {
  test('makes the list equal to the zone, and changes nothing else', async () => {
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({ status: 'written', records: 2, fault: undefined });
    expect(world.store.text(PROMETHEUS)).toBe(
      prometheusYml({ federate: ['a.internal', 'b.internal'], other: ['o.internal'] }),
    );
    expect(world.store.managed(PROMETHEUS)).toEqual(['federate']);
  });

  test('reads objects before records', async () => {
    const json = {
      to: { file: 't.json', format: 'file_sd', create: true },
      name: 'sd',
      zones: ['Z2'],
    };
    await world.sync(world.jobs({}, json));
    const firstListing = world.log.findIndex((it) => it.startsWith('list '));
    const lastRead = world.log.findLastIndex((it) => it.startsWith('read '));
    expect(lastRead).toBeLessThan(firstListing);
    expect(world.log.filter((it) => it.startsWith('read '))).toHaveLength(2);
  });

  test('that is repeated writes nothing', async () => {
    await world.sync();
    const outcomes = await world.sync();
    expect(summarize(outcomes)).toEqual(['federate unchanged']);
    expect(outcomes[0]?.difference).toEqual({ added: [], removed: [], changed: [] });
    expect(world.store.writes()).toBe(1);
  });

  test('removes targets whose records are gone', async () => {
    await world.sync();
    world.zones.set('Z1', 'b.internal');
    const [outcome] = await world.sync();
    expect(outcome?.difference.removed.map(({ address }) => address)).toEqual(['a.internal.']);
    expect(world.store.text(PROMETHEUS)).toBe(
      prometheusYml({ federate: ['b.internal'], other: ['o.internal'] }),
    );
  });

  test('returns one outcome per job and place, in the order of the settings', async () => {
    const jobs = world.jobs(
      { name: 'z', job: 'federate', to: [{ file: 'b.yml' }, { file: 'a.yml' }] },
      { name: 'a', job: 'federate', to: { file: 'c.yml' } },
      { name: 'm', job: 'other', to: { file: 'b.yml' } },
    );
    expect(placesOf(await world.sync(jobs))).toEqual([
      'file:b.yml',
      'file:a.yml',
      'file:c.yml',
      'file:b.yml',
    ]);
  });
});

describe('several lists in one document', () => {
  const jobs = () => world.jobs({}, { job: 'other', zones: ['Z2'] });

  test('are one write', async () => {
    expect(summarize(await world.sync(jobs()))).toEqual([
      'federate written',
      'other refused guard-adopt',
    ]);
    world.store.put(PROMETHEUS, world.store.text(PROMETHEUS) ?? '', {
      managed: ['federate', 'other'],
    });
    world.zones.set('Z1', 'c.internal', 'b.internal');
    expect(summarize(await world.sync(jobs()))).toEqual(['federate written', 'other written']);
    expect(world.store.writes()).toBe(2);
    expect(world.log.filter((it) => it.startsWith('read '))).toHaveLength(2);
    expect(world.store.text(PROMETHEUS)).toBe(
      prometheusYml({ federate: ['b.internal', 'c.internal'], other: ['x.internal'] }),
    );
  });

  test('do not fail together: the others are written', async () => {
    world.zones.break('Z2', 'zone-forbidden');
    expect(summarize(await world.sync(jobs()))).toEqual([
      'federate written',
      'other failed zone-forbidden',
    ]);
    expect(world.store.text(PROMETHEUS)).toBe(
      prometheusYml({ federate: ['a.internal', 'b.internal'], other: ['o.internal'] }),
    );
    expect(world.store.managed(PROMETHEUS)).toEqual(['federate']);
  });

  test('of which one has no job in the document', async () => {
    const outcomes = await world.sync(world.jobs({ job: 'absent' }, { job: 'federate' }));
    expect(summarize(outcomes)).toEqual(['absent failed job-missing', 'federate written']);
  });
});

describe('a failure', () => {
  test('of one document leaves the others written', async () => {
    const other = configMap('monitoring/other:prometheus.yml');
    world.store.put(other, 'scrape_configs: [');
    const missing = configMap('monitoring/missing:prometheus.yml');
    const to = (location: typeof other) => {
      const { kind, ...at } = location as { kind: string };
      return { configMap: at };
    };
    const outcomes = await world.sync(
      world.jobs(
        { name: 'broken', to: to(other) },
        { name: 'missing', to: to(missing) },
        { name: 'well' },
      ),
    );
    expect(summarize(outcomes)).toEqual([
      'broken failed document-broken',
      'missing failed object-missing',
      'well written',
    ]);
    expect(world.store.text(other)).toBe('scrape_configs: [');
  });

  test('of one place of a job leaves its others written', async () => {
    world.store.put({ kind: 'file', path: '/a.yml' }, prometheusYml({ federate: [] }));
    const to = [{ file: 'missing.yml' }, { file: 'a.yml' }];
    expect(summarize(await world.sync(world.jobs({ to })))).toEqual([
      'federate failed file-missing',
      'federate written',
    ]);
  });

  test('of one zone of several writes nothing of the job', async () => {
    world.zones.break('Z2', 'aws-throttled');
    const before = world.store.text(PROMETHEUS);
    expect(summarize(await world.sync(world.jobs({ zones: ['Z1', 'Z2'] })))).toEqual([
      'federate failed aws-throttled',
    ]);
    expect(world.store.text(PROMETHEUS)).toBe(before);
  });

  test('of a write fails the lists that it was for', async () => {
    world.store.fail('write', PROMETHEUS, 'kubernetes-forbidden');
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({ status: 'failed', fault: { code: 'kubernetes-forbidden' } });
    // The intended change is still reported.
    expect(outcome?.difference.added).toHaveLength(1);
    expect(world.store.writes()).toBe(1);
  });

  test('that is unexpected is internal', async () => {
    world.store.before('read', PROMETHEUS, () => {
      throw new TypeError('x is not a function');
    });
    expect(summarize(await world.sync())).toEqual(['federate failed internal']);
  });

  test('of a port that throws is the same as of one that rejects', async () => {
    const { zones: records } = world;
    const objects = {
      read: () => {
        throw new TypeError('at once');
      },
      write: () => {
        throw new TypeError('never asked');
      },
    };
    const { sync } = await import('../../../src/sync.ts');
    const signal = new AbortController().signal;
    expect(summarize(await sync(world.jobs(), { records, objects }, { signal }))).toEqual([
      'federate failed internal',
    ]);
  });
});

test('a list that could not be read has an empty outcome', async () => {
  world.zones.break('Z1', 'zone-missing');
  const [job] = world.jobs();
  const outcomes = await world.sync([job!], { forced: new Set(['federate']) });
  expect(outcomes).toEqual([
    {
      job,
      place: job?.to[0],
      status: 'failed',
      forced: false,
      records: 0,
      targets: [],
      difference: { added: [], removed: [], changed: [] },
      withheld: [],
      kept: [],
      pending: false,
      written: false,
      version: {},
      skipped: [],
      warnings: [],
      fault: expect.objectContaining({ code: 'zone-missing' }),
      conflicts: 0,
    },
  ]);
});

describe('a paused object', () => {
  test('is not changed, and its zones are not read', async () => {
    world.store.put(PROMETHEUS, prometheusYml({ federate: [] }), { paused: true });
    expect(summarize(await world.sync())).toEqual(['federate paused']);
    expect(world.store.writes()).toBe(0);
    expect(world.zones.listings()).toBe(0);
  });
});

describe('a paused object, in a plan', () => {
  test('shows what is pending, and is not written', async () => {
    world.store.put(PROMETHEUS, prometheusYml({ federate: [] }), { paused: true });
    const [outcome] = await world.sync(undefined, { showPaused: true });
    expect(outcome).toMatchObject({ status: 'paused', pending: true });
    expect(outcome?.difference.added.length).toBeGreaterThan(0);
    expect(world.store.writes()).toBe(0);
  });
});

describe('the first run on an object', () => {
  /** The list is as wanted, and the object has no annotation. Returns its text. */
  async function listAsWanted(): Promise<string> {
    world.store.put(PROMETHEUS, prometheusYml({ federate: ['a.internal'] }));
    world.zones.set('Z1', 'a.internal');
    await world.sync();
    const text = world.store.text(PROMETHEUS) ?? '';
    world.store.remove(PROMETHEUS);
    world.store.put(PROMETHEUS, text);
    return text;
  }

  test('that cannot write the annotation alone says so, and is still unchanged', async () => {
    await listAsWanted();
    world.store.before('write', PROMETHEUS, () => {
      throw new Fault('kubernetes-forbidden', 'no');
    });
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({
      status: 'unchanged',
      fault: undefined,
      warnings: [{ code: 'not-annotated', message: 'kubernetes-forbidden: no' }],
    });
  });

  test('removes nothing, and does not adopt the object', async () => {
    world.zones.set('Z1', 'b.internal');
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({ status: 'refused', fault: { code: 'guard-adopt' } });
    expect(outcome?.fault?.details.join('\n')).toContain('a.internal.');
    expect(outcome?.withheld.map(({ address }) => address)).toEqual(['a.internal.']);
    expect(world.store.managed(PROMETHEUS)).toBeUndefined();
    expect(world.store.text(PROMETHEUS)).toContain('a.internal.');
    expect(world.store.text(PROMETHEUS)).toContain('b.internal.');
  });

  test('that finds the list as wanted adopts the object, once', async () => {
    const text = await listAsWanted();
    const writes = world.store.writes();
    expect(summarize(await world.sync())).toEqual(['federate unchanged']);
    expect(world.store.managed(PROMETHEUS)).toEqual(['federate']);
    expect(summarize(await world.sync())).toEqual(['federate unchanged']);
    expect(world.store.writes() - writes).toBe(1);
    expect(world.store.text(PROMETHEUS)).toBe(text);
  });

  test('that adds adopts the object, so that the next may remove', async () => {
    await world.sync();
    world.zones.set('Z1', 'b.internal');
    expect(summarize(await world.sync())).toEqual(['federate written']);
  });

  test('of a second job on an object that another job adopted', async () => {
    await world.sync();
    const jobs = world.jobs({}, { job: 'other', zones: ['Z2'] });
    expect(summarize(await world.sync(jobs))).toEqual([
      'federate unchanged',
      'other refused guard-adopt',
    ]);
    const forced = await world.sync(jobs, { forced: new Set(['other']) });
    expect(summarize(forced)).toEqual(['federate unchanged', 'other written']);
    expect(forced.map((outcome) => outcome.forced)).toEqual([false, true]);
    expect(world.store.managed(PROMETHEUS)).toEqual(['federate', 'other']);
  });

  test('adds its name to the annotation, sorted', async () => {
    world.store.put(PROMETHEUS, prometheusYml({ federate: [], other: [] }));
    const jobs = world.jobs({ name: 'z' }, { name: 'a', job: 'other', zones: ['Z2'] });
    await world.sync(jobs);
    expect(world.store.managed(PROMETHEUS)).toEqual(['a', 'z']);
  });

  test('removes targets from a file, which has no annotation', async () => {
    const file = { kind: 'file', path: '/p.yml' } as const;
    world.store.put(file, prometheusYml({ federate: ['old.internal'] }));
    expect(summarize(await world.sync(world.jobs({ to: { file: 'p.yml' } })))).toEqual([
      'federate written',
    ]);
  });

  test('removes targets with adopt: replace', async () => {
    world.zones.set('Z1', 'b.internal');
    expect(summarize(await world.sync(world.jobs({ guard: { adopt: 'replace' } })))).toEqual([
      'federate written',
    ]);
  });
});

describe('the guard', () => {
  const hosts = (count: number) => Array.from({ length: count }, (_, i) => `c${i}.internal`);
  beforeEach(() => {
    world.store.put(PROMETHEUS, prometheusYml({ federate: hosts(10).sort() }), {
      managed: ['federate'],
    });
  });

  test('withholds a mass removal, and writes what is new', async () => {
    world.zones.set('Z1', ...hosts(5), 'new.internal');
    const [outcome] = await world.sync();
    expect(outcome).toMatchObject({ status: 'refused', fault: { code: 'guard-max-removed' } });
    expect(outcome?.withheld).toHaveLength(5);
    expect(outcome?.difference.removed).toEqual([]);
    for (const host of [...hosts(10), 'new.internal']) {
      expect(world.store.text(PROMETHEUS)).toContain(host);
    }
  });

  test('refuses to empty a list', async () => {
    world.zones.set('Z1');
    const jobs = world.jobs({ guard: { maxRemoved: '100%' } });
    expect(summarize(await world.sync(jobs))).toEqual(['federate refused guard-min-targets']);
  });

  test('is overridden for the jobs that a person names', async () => {
    world.zones.set('Z1');
    expect(summarize(await world.sync(undefined, { forced: new Set(['federate']) }))).toEqual([
      'federate written',
    ]);
    expect(world.store.text(PROMETHEUS)).toBe(prometheusYml({ federate: [] }));
  });

  test('of one job does not keep another job of the same document from being written', async () => {
    const text = prometheusYml({ federate: hosts(10).sort(), other: ['x.internal'] });
    world.store.put(PROMETHEUS, text, { managed: ['federate', 'other'] });
    world.zones.set('Z1', 'c0.internal');
    world.zones.set('Z2', 'x.internal', 'y.internal');
    const outcomes = await world.sync(world.jobs({}, { job: 'other', zones: ['Z2'] }));
    expect(summarize(outcomes)).toEqual(['federate refused guard-max-removed', 'other written']);
    expect(world.store.text(PROMETHEUS)).toContain('y.internal.');
    expect(world.store.text(PROMETHEUS)).toContain('c9.internal.');
  });
});
