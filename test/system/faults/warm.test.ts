import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { World } from './world.ts';

// What a function that stays warm for hours remembers must not outlive its truth.

let world: World;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.close());
beforeEach(() => world.reset('ConfigMap'));

test('a cluster that was recreated under its old name is found again', async () => {
  const { aws, cluster, kubernetes } = world.emulators;
  const { certificateAuthority } = kubernetes;
  const connection = world.connect('ConfigMap');
  await world.clean('ConfigMap', world.old, connection);
  world.change('ConfigMap');
  const at = (endpoint: string) =>
    aws.eks.putCluster({ name: cluster, region: 'eu-west-1', endpoint, certificateAuthority });
  const fresh = world.connect('ConfigMap');
  at('https://127.0.0.1:9');
  const { outcome } = await world.run('ConfigMap', fresh);
  expect(outcome.fault).toMatchObject({ code: 'kubernetes-unreachable', retryable: true });
  at(kubernetes.url);
  await world.clean('ConfigMap', world.new, fresh);
});

test('a zone that is gone is missing, and never empty', async () => {
  const connection = world.connect('ConfigMap');
  await world.clean('ConfigMap', world.old, connection);
  world.emulators.faults.on(
    { operation: 'ListResourceRecordSets', times: 9 },
    { refuse: { status: 404, code: 'NoSuchHostedZone', message: 'No hosted zone found' } },
  );
  const { outcome } = await world.run('ConfigMap', connection);
  expect(outcome).toMatchObject({ status: 'failed', fault: { code: 'zone-missing' } });
  expect(world.text('ConfigMap')).toBe(world.old);
});
