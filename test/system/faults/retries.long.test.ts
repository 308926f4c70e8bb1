import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Fault } from '../../support/emulators/faults.ts';
import { World } from './world.ts';

// The pauses as an entry point has them: the SDK's own for AWS, ours for the cluster.

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.reset('ConfigMap');
  world.change('ConfigMap');
});

const run = (deadlineMs = 60_000) =>
  world.run('ConfigMap', world.connectAsEver('ConfigMap'), { deadlineMs });
const throttled: Fault = { refuse: { status: 400, code: 'Throttling', message: 'Rate exceeded' } };

test.each<[string, string, number, Fault]>([
  ['Route 53', 'ListResourceRecordSets', 4, throttled],
  ['Route 53', 'GetHostedZone', 4, { refuse: { status: 500 } }],
  ['STS', 'AssumeRole', 4, { refuse: { status: 503 } }],
  ['EKS', 'DescribeCluster', 4, 'reset-before'],
  ['the API server', 'get configmaps', 3, { refuse: { status: 503 } }],
  ['the API server', 'patch configmaps', 3, { refuse: { status: 429 } }],
])('%s: %s may fail %i times', async (_, operation, times, fault) => {
  world.emulators.faults.on({ operation, times }, fault);
  const { outcome } = await run();
  expect(outcome.status).toBe('written');
  expect(world.emulators.faults.of(operation).length).toBeGreaterThan(times);
});

test.each<[string, string]>([
  ['Route 53', 'ListResourceRecordSets'],
  ['the API server', 'get configmaps'],
  ['the API server', 'patch configmaps'],
])('%s is waited for as long as it asks: %s', async (_, operation) => {
  world.emulators.faults.on(
    { operation },
    { refuse: { status: 429, headers: { 'retry-after': '2' } } },
  );
  const { outcome, milliseconds } = await run();
  expect(outcome.status).toBe('written');
  // HTTP knows whole seconds only.
  expect(milliseconds).toBeGreaterThan(900);
  expect(milliseconds).toBeLessThan(6_000);
});

test('a day is not waited for', async () => {
  const day = { refuse: { status: 429, headers: { 'retry-after': '86400' } } };
  world.emulators.faults.on({ operation: 'get configmaps', times: 99 }, day);
  const { outcome, milliseconds } = await run();
  expect(outcome.fault?.code).toBe('kubernetes-unavailable');
  expect(milliseconds).toBeLessThan(3_000);
});

test('pauses are never the same twice', async () => {
  const pauses: number[] = [];
  for (let i = 0; i < 4; i++) {
    world.emulators.faults.clear();
    world.emulators.faults.on({ operation: 'ListResourceRecordSets', times: 1 }, throttled);
    await run();
    const [first, second] = world.emulators.faults.of('ListResourceRecordSets');
    pauses.push(Number(second?.at) - Number(first?.at));
  }
  expect(new Set(pauses).size).toBeGreaterThan(1);
  expect(Math.max(...pauses)).toBeLessThan(2_000);
});
