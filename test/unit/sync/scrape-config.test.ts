import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KubernetesClient } from '../../../src/objects/kubernetes/client.ts';
import { KubernetesObjects } from '../../../src/objects/kubernetes/objects.ts';
import type { Outcome } from '../../../src/report.ts';
import { type Clock, systemClock } from '../../../src/run.ts';
import { sync } from '../../../src/sync.ts';
import { type Kubernetes, startKubernetes } from '../../support/emulators/kubernetes.ts';
import { summarize, World } from '../../support/fakes/world.ts';
import { Admin, accessTo, quick } from '../objects/contract.ts';

/** A list in a ScrapeConfig of the emulated API server, where each apply removes what it leaves out. */

const NAMES = { namespace: 'monitoring', name: 'federate' };
const API = { apiVersion: 'monitoring.coreos.com/v1alpha1', kind: 'ScrapeConfig' };
const GET = 'get scrapeconfigs';
const APPLY = 'patch scrapeconfigs';
const CREATE = 'create scrapeconfigs';
const MANAGED = 'route53-federation-sync/managed';
const GONE = 'route53-federation-sync/gone';
const TEMPLATE = JSON.stringify({
  ...API,
  metadata: { labels: { team: 'metrics' } },
  spec: { metricsPath: '/federate', staticConfigs: [{ targets: ['from.template:80'] }] },
});

let server: Kubernetes;
let client: KubernetesClient;
let world: World;
let now: number;
const clock: Clock = { ...systemClock, now: () => now };

beforeAll(async () => {
  server = await startKubernetes();
  server.put({ kind: 'Namespace', metadata: { name: 'monitoring' } });
  client = new KubernetesClient(accessTo(server, server.adminToken), quick);
});
afterAll(async () => {
  client.close();
  await server.close();
});
beforeEach(() => {
  server.delete('ScrapeConfig', NAMES.namespace, NAMES.name);
  server.faults.clear();
  world = new World();
  now = 1_764_165_600_000;
});

/** As a person's tool does: everything except the list. */
const put = (metadata: object = {}) =>
  server.put({
    kind: 'ScrapeConfig',
    metadata: { ...NAMES, ...metadata },
    spec: { metricsPath: '/federate' },
  });
const stored = () => server.get('ScrapeConfig', NAMES.namespace, NAMES.name);
const annotations = () => stored()?.metadata.annotations ?? {};
const addresses = (): string[] => {
  const { staticConfigs = [] } = (stored()?.spec ?? {}) as {
    staticConfigs?: { targets: string[] }[];
  };
  return staticConfigs.flatMap(({ targets }) => targets);
};
const writes = () => server.faults.of(/^(patch|create) scrapeconfigs$/).length;

/** The whole list by server-side apply, as its owner or as another manager; without targets: no list. */
const apply = (manager: string, ...targets: string[]) =>
  new Admin({ ...server, syncerToken: '', stop: async () => undefined }).send(
    'PATCH',
    `/apis/${API.apiVersion}/namespaces/${NAMES.namespace}/scrapeconfigs/${NAMES.name}?fieldManager=${manager}`,
    {
      ...API,
      metadata: { name: NAMES.name },
      spec: targets.length > 0 ? { staticConfigs: [{ targets }] } : {},
    },
    undefined,
    'application/apply-patch+yaml',
  );

async function run(job: object = {}, signal = new AbortController().signal): Promise<Outcome> {
  const jobs = world.jobs({ to: { scrapeConfig: NAMES }, ...job }).map((one) => ({
    ...one,
    to: one.to.map((place) => ({
      ...place,
      // As settings/find.ts reads it.
      ...(place.template && { template: { ...place.template, text: TEMPLATE } }),
    })),
  }));
  const ports = { records: world.zones, objects: new KubernetesObjects(client) };
  const [outcome] = await sync(jobs, ports, { signal, pauseMs: 1, clock });
  return outcome as Outcome;
}
const runs = async (job: object = {}) => summarize([await run(job)])[0];

const hosts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `c${from + i}.internal`);

/** A list that a run has written, and so adopted. */
async function begin(...names: string[]) {
  put();
  world.zones.set('Z1', ...names);
  expect(await runs()).toBe('federate written');
  server.faults.clear();
}

describe('a list in a ScrapeConfig', () => {
  test('is written once; the next run has nothing to write', async () => {
    await begin('a.internal', 'b.internal');
    expect(addresses()).toEqual(['a.internal.', 'b.internal.']);
    expect(annotations()).toEqual({ [MANAGED]: 'federate' });
    expect(stored()?.spec).toMatchObject({ metricsPath: '/federate' });
    expect(await runs()).toBe('federate unchanged');
    expect(writes()).toBe(0);
  });

  test('keeps what the guard withholds, and gets what is new', async () => {
    await begin(...hosts(0, 10));
    world.zones.set('Z1', 'c0.internal', 'new.internal');
    const outcome = await run();
    expect(summarize([outcome])).toEqual(['federate refused guard-max-removed']);
    expect(outcome.withheld).toHaveLength(9);
    expect(addresses().sort()).toEqual([...hosts(0, 10), 'new.internal'].map((it) => `${it}.`));
  });

  test('keeps what is gone for as long as keep says, and remembers it in each apply', async () => {
    await begin(...hosts(0, 10));
    const keep = { keep: '1h' };
    world.zones.set('Z1', ...hosts(1, 10));
    const outcome = await run(keep);
    expect(outcome.kept.map(({ target }) => target.address)).toEqual(['c0.internal.']);
    const memory = annotations()[GONE];
    expect(memory).toContain('c0.internal');
    world.zones.set('Z1', ...hosts(1, 11));
    now += 60_000;
    expect(await runs(keep)).toBe('federate written');
    expect(annotations()).toEqual({ [MANAGED]: 'federate', [GONE]: memory });
    expect(addresses()).toContain('c0.internal.');
    now += 3_600_000;
    expect(await runs(keep)).toBe('federate written');
    expect(addresses()).not.toContain('c0.internal.');
    expect(annotations()[MANAGED]).toBe('federate');
  });

  test('is left alone while the object is paused', async () => {
    put({ annotations: { 'route53-federation-sync/paused': 'true' } });
    world.zones.set('Z1', 'a.internal');
    expect(await runs()).toBe('federate paused');
    expect([addresses(), writes()]).toEqual([[], 0]);
  });

  test('that is not adopted loses nothing at first; the refusal prints also', async () => {
    put();
    await apply('route53-federation-sync', 'by-hand:80');
    world.zones.set('Z1', 'a.internal');
    const outcome = await run();
    expect(summarize([outcome])).toEqual(['federate refused guard-adopt']);
    expect(outcome.fault?.details.join('\n')).toMatch(/^also:.*by-hand:80/s);
    expect(addresses().sort()).toEqual(['a.internal.', 'by-hand:80']);
    expect(annotations()).not.toHaveProperty(MANAGED);
    const also = { also: [{ targets: ['by-hand:80'] }] };
    expect(['federate written', 'federate unchanged']).toContain(await runs(also));
    expect(addresses().sort()).toEqual(['a.internal.', 'by-hand:80']);
    expect(annotations()).toEqual({ [MANAGED]: 'federate' });
  });

  test('of another field manager is not overwritten, and not tried again', async () => {
    put();
    await apply('git', 'theirs:80');
    world.zones.set('Z1', 'a.internal');
    server.faults.clear();
    const { fault } = await run({ also: [{ targets: ['theirs:80'] }] });
    expect(fault).toMatchObject({ code: 'field-owned', retryable: false });
    expect(fault?.message).toContain('git');
    expect([addresses(), writes()]).toEqual([['theirs:80'], 1]);
  });

  test('of another field manager is adopted where it is as wanted, and written once that one leaves it out', async () => {
    const bare = { labels: {} };
    put();
    await apply('git', 'a.internal.');
    world.zones.set('Z1', 'a.internal');
    expect(await runs(bare)).toBe('federate unchanged');
    expect(annotations()).toEqual({ [MANAGED]: 'federate' });
    world.zones.set('Z1', 'a.internal', 'b.internal');
    expect(await runs(bare)).toBe('federate failed field-owned');
    await apply('git');
    expect(addresses()).toEqual(['a.internal.']);
    expect(await runs(bare)).toBe('federate written');
    expect(addresses()).toEqual(['a.internal.', 'b.internal.']);
  });
});

describe('the apply of a ScrapeConfig', () => {
  test('that is applied but not answered is written, and not sent again', async () => {
    await begin('a.internal');
    world.zones.set('Z1', 'a.internal', 'b.internal');
    server.faults.on({ operation: APPLY }, 'reset-after');
    const outcome = await run();
    expect(summarize([outcome])).toEqual(['federate written']);
    expect(outcome.difference.added).toHaveLength(1);
    expect(writes()).toBe(1);
  });

  test('that stays unanswered is unknown; the next run reads what comes of it', async () => {
    await begin('a.internal');
    world.zones.set('Z1', 'a.internal', 'b.internal');
    server.faults.on({ operation: APPLY }, 'reset-after');
    server.faults.on({ operation: GET, nth: 2, times: 99 }, { refuse: { status: 503 } });
    expect(await runs()).toBe('federate failed write-unknown');
    server.faults.clear();
    expect(await runs()).toBe('federate unchanged');
    expect(addresses()).toEqual(['a.internal.', 'b.internal.']);
  });

  test('that another writer overtakes starts over, and keeps what that one wrote', async () => {
    await begin('a.internal');
    world.zones.set('Z1', 'a.internal', 'b.internal');
    server.faults.before({ operation: APPLY }, () => {
      const { metadata, spec } = stored() as unknown as { metadata: object; spec: object };
      server.put({ kind: 'ScrapeConfig', metadata, spec: { ...spec, honorLabels: true } } as never);
    });
    const outcome = await run();
    expect(outcome).toMatchObject({ status: 'written', conflicts: 1 });
    expect(stored()?.spec).toMatchObject({ metricsPath: '/federate', honorLabels: true });
    expect(addresses()).toEqual(['a.internal.', 'b.internal.']);
  });

  test.each([{}, { create: true, template: 'template.yml' }])(
    'does not create again what was deleted after it was read, with %o',
    async (more) => {
      await begin('a.internal');
      world.zones.set('Z1', 'a.internal', 'b.internal');
      server.faults.before({ operation: APPLY }, () =>
        server.delete('ScrapeConfig', NAMES.namespace, NAMES.name),
      );
      const to = { scrapeConfig: NAMES, ...more };
      expect(await runs({ to })).toBe('federate failed object-missing');
      expect(stored()).toBeUndefined();
    },
  );
});

describe('a ScrapeConfig that is created from its template', () => {
  const create = { to: { scrapeConfig: NAMES, create: true, template: 'template.yml' } };
  const isComplete = () => {
    expect(stored()).toMatchObject({
      metadata: {
        labels: { team: 'metrics', 'app.kubernetes.io/managed-by': 'route53-federation-sync' },
        annotations: { [MANAGED]: 'federate' },
      },
      spec: { metricsPath: '/federate' },
    });
    expect(addresses()).toEqual(['a.internal.']);
  };
  beforeEach(() => world.zones.set('Z1', 'a.internal'));

  test('takes two requests, and the next run none', async () => {
    expect(await runs(create)).toBe('federate written');
    expect(server.faults.calls.map(({ operation }) => operation)).toEqual([GET, CREATE, APPLY]);
    isComplete();
    expect(await runs(create)).toBe('federate unchanged');
    expect(writes()).toBe(2);
  });

  test('by a run that ends between the two gets its list from the next run', async () => {
    const controller = new AbortController();
    server.faults.before({ operation: APPLY }, () => controller.abort());
    server.faults.on({ operation: APPLY }, 'reset-before');
    const { status } = await run(create, controller.signal);
    expect(status).toBe('failed');
    expect([stored()?.spec, annotations()]).toEqual([{ metricsPath: '/federate' }, {}]);
    server.faults.clear();
    expect(await runs(create)).toBe('federate written');
    isComplete();
    expect(await runs(create)).toBe('federate unchanged');
  });

  test.each([CREATE, APPLY])('is written where the answer to %s is lost', async (operation) => {
    server.faults.on({ operation }, 'reset-after');
    const outcome = await run(create);
    expect(summarize([outcome])).toEqual(['federate written']);
    expect(outcome.difference.added).toHaveLength(1);
    isComplete();
    expect(writes()).toBe(2);
  });
});
