import { beforeEach, describe, expect, test } from 'vitest';
import type { Location } from '../../../src/location.ts';
import { summarize, World } from '../../support/fakes/world.ts';

const OBJECT = { namespace: 'monitoring', name: 'lists' };
const key = (name: string): Location => ({ kind: 'configMap', ...OBJECT, key: name });

let world: World;
beforeEach(() => {
  world = new World();
  world.zones.set('Z1', 'b.internal', 'a.internal');
});

/** Syncs twice: the second run has nothing to write, and nothing to say. */
async function syncTwice(job: Record<string, unknown>) {
  const jobs = world.jobs(job);
  const first = await world.sync(jobs);
  const writes = world.store.writes();
  const second = await world.sync(jobs);
  expect(summarize(second)).toEqual(second.map(({ job: { name } }) => `${name} unchanged`));
  for (const { difference } of second) {
    expect(difference).toEqual({ added: [], removed: [], changed: [] });
  }
  expect(world.store.writes()).toBe(writes);
  return first;
}

describe('one list in every format', () => {
  test('a list of target groups in JSON or YAML, by the ending of its key', async () => {
    const to = ['targets.json', 'targets.yaml'].map((name) => ({
      configMap: { ...OBJECT, key: name },
      format: 'file_sd',
      create: true,
    }));
    expect(summarize(await syncTwice({ to }))).toEqual(['federate written', 'federate written']);
    expect(JSON.parse(world.store.text(key('targets.json')) ?? '')).toEqual([
      { targets: ['a.internal.'], labels: { clusterID: 'a' } },
      { targets: ['b.internal.'], labels: { clusterID: 'b' } },
    ]);
    expect(world.store.text(key('targets.yaml'))).toBe(
      ['a', 'b']
        .map((id) => `- targets:\n  - ${id}.internal.\n  labels:\n    clusterID: ${id}\n`)
        .join(''),
    );
  });

  test('a bare list of scrape configs in a Secret', async () => {
    const secret: Location = { kind: 'secret', ...OBJECT, key: 'scrape.yml' };
    world.store.put(
      secret,
      '- job_name: blackbox\n  relabel_configs: [{ target_label: x }]\n  static_configs: []\n- job_name: other # kept\n',
    );
    const job = {
      job: 'blackbox',
      target: 'https://{host}/api/v4/system/ping',
      labels: {},
      to: { secret: { ...OBJECT, key: 'scrape.yml' }, format: 'scrape_configs' },
    };
    expect(summarize(await syncTwice(job))).toEqual(['blackbox written']);
    expect(world.store.text(secret)).toContain('https://a.internal/api/v4/system/ping');
    expect(world.store.text(secret)).toContain('- job_name: other # kept\n');
  });

  test("Thanos's endpoints, which have no labels", async () => {
    const job = {
      name: 'thanos',
      target: '{host}:10901',
      to: {
        configMap: { ...OBJECT, key: 'endpoints.yaml' },
        format: 'thanos_endpoints',
        create: true,
      },
    };
    const [outcome] = await syncTwice(job);
    expect(outcome).toMatchObject({ status: 'written', targets: [{ labels: {} }, { labels: {} }] });
    expect(world.store.text(key('endpoints.yaml'))).toBe(
      'endpoints:\n- address: a.internal:10901\n- address: b.internal:10901\n',
    );
  });

  test('an address that a record may not announce is in none of them, unless its from allows it', async () => {
    const yml = '- job_name: federate\n  static_configs: []\n';
    const documents = {
      'prometheus.yml': ['static_configs', `scrape_configs:\n${yml}`],
      'targets.json': ['file_sd', '[]'],
      'scrape.yml': ['scrape_configs', yml],
      'endpoints.yml': ['thanos_endpoints', 'endpoints: []\n'],
    } as const;
    const to = Object.entries(documents).map(([name, [format, text]]) => {
      world.store.put(key(name), text);
      return { configMap: { ...OBJECT, key: name }, format };
    });
    world.zones.set('Z1', 'a.internal');
    const job = { target: '{label}:9090', guard: { minTargets: 0 }, to };
    const skipped = [{ record: 'a.internal.', code: 'address-not-allowed' }];
    const outcomes = await world.sync(world.jobs(job));
    expect(outcomes).toMatchObject(to.map(() => ({ fault: undefined, targets: [], skipped })));
    const from = [{ zone: 'Z1', allowAddresses: true }];
    const allowed = await world.sync(world.jobs({ ...job, from }));
    const targets = [{ address: 'a:9090' }];
    expect(allowed).toMatchObject(to.map(() => ({ status: 'written', targets, skipped: [] })));
  });

  test('URLs are skipped unless the job has relabel_configs', async () => {
    const yml = (more: string) =>
      `scrape_configs:\n  - job_name: federate\n    static_configs: []\n${more}`;
    world.store.put(key('plain.yml'), yml(''));
    world.store.put(key('relabelled.yml'), yml('    relabel_configs: [{ target_label: x }]\n'));
    const job = {
      target: 'https://{host}/ping',
      guard: { minTargets: 0 },
      to: ['plain.yml', 'relabelled.yml'].map((name) => ({ configMap: { ...OBJECT, key: name } })),
    };
    const [plain, relabelled] = await world.sync(world.jobs(job));
    expect(plain).toMatchObject({
      status: 'unchanged',
      targets: [],
      skipped: [{ code: 'path-not-allowed' }, { code: 'path-not-allowed' }],
    });
    expect(relabelled).toMatchObject({ status: 'written', skipped: [] });
  });
});

test('a document that is entirely ours is created only with create: true', async () => {
  const to = { configMap: { ...OBJECT, key: 'targets.json' }, format: 'file_sd' };
  expect(summarize(await world.sync(world.jobs({ to })))).toEqual([
    'federate failed object-missing',
  ]);
  const created = await world.sync(world.jobs({ to: { ...to, create: true } }));
  expect(summarize(created)).toEqual(['federate written']);
});

describe('a document that is created from a template', () => {
  const secret: Location = { kind: 'secret', ...OBJECT, key: 'scrape.yml' };
  const TEMPLATE =
    '- job_name: blackbox\n  static_configs:\n  - targets: [from.template:80]\n- job_name: bind # kept\n';
  const to = {
    secret: { ...OBJECT, key: 'scrape.yml' },
    format: 'scrape_configs',
    create: true,
    template: 'blackbox.yml',
  };
  /** As settings/find.ts reads them. */
  const jobs = (text: string, ...more: Parameters<World['jobs']>) =>
    world.jobs({ job: 'blackbox', labels: {}, to }, ...more).map((job) => ({
      ...job,
      to: job.to.map((place) => ({
        ...place,
        ...(place.template && { template: { ...place.template, text } }),
      })),
    }));

  test('has the lists of all its jobs, and of the template nothing that a zone has not', async () => {
    const bind = {
      job: 'bind',
      from: undefined,
      select: undefined,
      also: [{ targets: ['10.0.0.2:9119'] }],
      to,
    };
    const [blackbox, other] = await world.sync(jobs(TEMPLATE, bind));
    expect(blackbox).toMatchObject({ status: 'written', fault: undefined });
    expect(blackbox?.difference).toMatchObject({ added: [{}, {}], removed: [], changed: [] });
    expect(other).toMatchObject({ status: 'written', targets: [{ address: '10.0.0.2:9119' }] });
    expect(world.store.text(secret)).toBe(
      '- job_name: blackbox\n  static_configs:\n  - targets:\n    - a.internal.\n    - b.internal.\n- job_name: bind # kept\n  static_configs:\n  - targets:\n    - 10.0.0.2:9119\n',
    );
    expect(summarize(await world.sync(jobs(TEMPLATE, bind)))).toEqual([
      'blackbox unchanged',
      'bind unchanged',
    ]);
  });

  test('is not needed once the document is there', async () => {
    world.store.put(secret, '- job_name: blackbox\n  scheme: https\n');
    expect(summarize(await world.sync(jobs('')))).toEqual(['blackbox written']);
    expect(world.store.text(secret)).toMatch(/^- job_name: blackbox\n {2}scheme: https\n/);
  });

  test('is not written where the template lacks the job', async () => {
    expect(summarize(await world.sync(jobs('- job_name: other\n')))).toEqual([
      'blackbox failed job-missing',
    ]);
    expect(world.store.text(secret)).toBeUndefined();
  });
});

test('a job of nothing but also needs no zone', async () => {
  world.store.put(key('p.yml'), 'scrape_configs:\n- job_name: bind\n');
  const to = { configMap: { ...OBJECT, key: 'p.yml' } };
  const job = (...targets: string[]) =>
    world.jobs({ job: 'bind', from: undefined, select: undefined, also: [{ targets }], to });
  expect(summarize(await world.sync(job('10.0.0.2:9119', '10.0.0.3:9119')))).toEqual([
    'bind written',
  ]);
  expect(summarize(await world.sync(job('10.0.0.2:9119', '10.0.0.3:9119')))).toEqual([
    'bind unchanged',
  ]);
  const [outcome] = await world.sync(job('10.0.0.2:9119'));
  expect(outcome?.difference.removed.map(({ address }) => address)).toEqual(['10.0.0.3:9119']);
});

test('a job that lost its relabelling is refused, whether or not its list is still there', async () => {
  const yml = (more: string, list: string) =>
    `scrape_configs:\n  - job_name: federate\n    static_configs: [${list}]\n${more}`;
  const relabelled = '    relabel_configs: [{ target_label: x }]\n';
  const to = { configMap: { ...OBJECT, key: 'p.yml' } };
  const also = [{ targets: ['https://community.example/ping'] }];
  const jobs = world.jobs({ target: 'https://{host}/ping', labels: {}, also, to });
  world.store.put(key('p.yml'), yml(relabelled, ''));
  expect(summarize(await world.sync(jobs))).toEqual(['federate written']);
  const written = world.store.text(key('p.yml')) ?? '';
  for (const text of [written.replace(relabelled, ''), yml('', '')]) {
    world.store.put(key('p.yml'), text, { managed: ['federate'] });
    const [outcome] = await world.sync(jobs);
    expect(outcome).toMatchObject({ status: 'refused', fault: { code: 'guard-min-targets' } });
    expect(outcome?.fault?.message).toContain('3 are skipped, the first for path-not-allowed');
    expect(outcome?.difference.added).toEqual([]);
    const left = world.store.text(key('p.yml'))?.match(/https.*internal/g) ?? [];
    expect(left).toHaveLength(text.includes('internal') ? 2 : 0);
  }
});
