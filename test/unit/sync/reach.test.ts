import { beforeEach, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import type { KubernetesRef } from '../../../src/location.ts';
import type { Pods } from '../../../src/objects/pods.ts';
import type { Ports, SyncOptions } from '../../../src/ports.ts';
import { Prometheus } from '../../../src/servers/prometheus.ts';
import type { Servers } from '../../../src/servers/servers.ts';
import { sync } from '../../../src/sync.ts';
import { PrometheusEmulator } from '../../support/emulators/prometheus.ts';
import { configMap, PROMETHEUS, prometheusYml, World } from '../../support/fakes/world.ts';

/** What comes after a write: pods are nudged, and servers waited for. */

let world: World;
let nudges: string[];
let warnings: Awaited<ReturnType<Pods['nudge']>>['warnings'];
let part: PrometheusEmulator;

beforeEach(() => {
  world = new World();
  world.zones.set('Z1', 'a.internal', 'b.internal');
  world.store.put(PROMETHEUS, prometheusYml({ federate: ['a.internal'] }), {
    managed: ['federate'],
  });
  nudges = [];
  warnings = [];
  part = new PrometheusEmulator(prometheusYml({ federate: ['a.internal'] }));
});

const pods: Pods = {
  async nudge({ kind, namespace, name }: KubernetesRef, selector, version) {
    nudges.push(`${kind} ${namespace}/${name} ${selector} ${version}`);
    world.log.push(`nudge ${name}`);
    return { pods: 2, warnings };
  },
};

/** Loads what is in the store before each answer, as after a nudge. */
const servers: Servers = {
  open: async () =>
    new Prometheus({
      url: 'http://prometheus',
      async send(method, path) {
        world.log.push(`ask ${path.split('?')[0]}`);
        const [name, query] = path.split('?');
        const { status, body } = part.answer({
          method,
          path: `/${name}`,
          query: new URLSearchParams(query),
        });
        const bytes = Buffer.from(body ?? '');
        return { status, contentType: 'application/json', retryAfter: undefined, bytes };
      },
    }),
};

const place = (more: object = {}) => ({
  configMap: { namespace: 'monitoring', name: 'prometheus-server', key: 'prometheus.yml' },
  nudge: { pods: 'app=prometheus' },
  ...more,
});

async function run(to: object, options: Partial<SyncOptions & Ports> = {}) {
  const { zones: records, store } = world;
  const { objects = store, ...rest } = options;
  const ports = { records, objects, pods, servers };
  const { signal } = new AbortController();
  const outcomes = await sync(world.jobs({ to }), ports, { signal, pauseMs: 1, ...rest });
  const [outcome] = outcomes;
  if (!outcome) throw new Error('there is no outcome');
  return outcome;
}

test('after a write, the pods are nudged once with the new version of the object', async () => {
  const outcome = await run(place());
  expect(outcome).toMatchObject({ status: 'written', nudged: 2, warnings: [] });
  expect(nudges).toEqual([
    `configMap monitoring/prometheus-server app=prometheus ${outcome.version.after}`,
  ]);
});

test('without a write, nobody is nudged and nothing is asked', async () => {
  await run(place());
  world.log.length = 0;
  nudges = [];
  const outcome = await run(place({ prometheus: 'http://p', wait: '15s' }));
  expect(outcome).toMatchObject({ status: 'unchanged' });
  expect(outcome.nudged).toBeUndefined();
  expect(nudges).toEqual([]);
  expect(world.log.filter((line) => /nudge|ask/.test(line))).toEqual([]);
});

test('a refused list whose additions were written is nudged too', async () => {
  world.store.put(
    PROMETHEUS,
    prometheusYml({ federate: ['x.internal', 'y.internal', 'z.internal'] }),
    {
      managed: ['federate'],
    },
  );
  expect(await run(place())).toMatchObject({ status: 'refused', written: true, nudged: 2 });
  expect(nudges).toHaveLength(1);
});

test('places of one object with one selector are one nudge, and other objects have their own', async () => {
  const other = configMap('monitoring/other:prometheus.yml');
  world.store.put(other, prometheusYml({ federate: [] }), { managed: ['federate'] });
  const two = [
    place(),
    { ...place(), configMap: { namespace: 'monitoring', name: 'other', key: 'prometheus.yml' } },
  ];
  await run(two);
  expect(nudges.map((it) => it.split(' ')[1])).toEqual([
    'monitoring/prometheus-server',
    'monitoring/other',
  ]);
  // Each right after its write, so that no list waits for the objects after it.
  expect(world.log.filter((line) => /^(write|nudge)/.test(line))).toEqual([
    'write configmap/monitoring/prometheus-server',
    'nudge prometheus-server',
    'write configmap/monitoring/other',
    'nudge other',
  ]);
});

test('a nudge that fails is a warning, and the list stays written', async () => {
  warnings = [{ code: 'nudge-failed', message: 'forbidden' }];
  expect(await run(place())).toMatchObject({
    status: 'written',
    fault: undefined,
    warnings: [{ code: 'nudge-failed' }],
  });
});

test('waits until the server has loaded the list, and says how long that took', async () => {
  setTimeout(() => {
    part.file = world.store.text(PROMETHEUS) ?? '';
    part.reload();
  }, 200);
  const outcome = await run(place({ prometheus: 'http://p', wait: '15s' }));
  expect(outcome.status).toBe('written');
  expect(outcome.loadedAfterMs).toBeGreaterThan(100);
  expect(outcome.warnings).toEqual([]);
});

test('what is not loaded in time is a warning with the command that shows more', async () => {
  const outcome = await run(place({ prometheus: 'http://p', wait: '1s' }), { waitMs: 1_000 });
  expect(outcome).toMatchObject({
    status: 'written',
    fault: undefined,
    warnings: [
      {
        code: 'not-loaded',
        message:
          'not loaded within 1s: http://prometheus: it lacks b.internal.; to see it target by target: federation-sync verify --job federate',
      },
    ],
  });
  expect(outcome.loadedAfterMs).toBeUndefined();
});

test('never waits longer than the run', async () => {
  const begun = performance.now();
  const outcome = await run(place({ prometheus: 'http://p', wait: '10m' }), {
    signal: AbortSignal.timeout(400),
  });
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(outcome).toMatchObject({ status: 'written', warnings: [{ code: 'not-loaded' }] });
  expect(outcome.warnings[0]?.message).toContain('before the run timed out');
});

test('a dry run neither nudges nor waits', async () => {
  const outcome = await run(place({ prometheus: 'http://p', wait: '15s' }), {
    objects: world.store.dryRun(),
  });
  expect(outcome).toMatchObject({ status: 'planned', written: false });
  expect(nudges).toEqual([]);
  expect(part.requests).toEqual([]);
});

test('a write without an answer that turns out to be there is nudged', async () => {
  world.store.before('write', PROMETHEUS, () => {
    world.store.put(PROMETHEUS, prometheusYml({ federate: ['a.internal', 'b.internal'] }), {
      managed: ['federate'],
    });
    throw new Fault('write-unknown', 'no answer');
  });
  expect(await run(place())).toMatchObject({ status: 'written', nudged: 2 });
  expect(nudges).toHaveLength(1);
});
