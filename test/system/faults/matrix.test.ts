import { afterAll, beforeAll, expect, test } from 'vitest';
import { points, type RowName } from './cells.ts';
import { checkCell } from './matrix.ts';
import { type ObjectKind, World } from './world.ts';

// A sample of matrix.long.test.ts: the cells that were wrong once, or would hurt most.

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.close());

test.each<[string, RowName, 'once' | 'always']>([
  ["AssumeRole, the zone's", 'HTML', 'once'],
  ['GET ConfigMap', 'HTTP 401', 'once'],
  ['GET Secret', 'stale', 'once'],
  ['ListResourceRecordSets, page 2', 'cut short', 'always'],
  ['ListResourceRecordSets, page 2', 'half a body', 'always'],
  ['PATCH ConfigMap', 'done, but 500', 'always'],
  ['PATCH ConfigMap', 'stale', 'once'],
  ['PATCH Secret', 'reset after', 'always'],
  ['PATCH Secret', 'reset before', 'always'],
])('%s: %s, %s', async (name, row, often) => {
  const point = points.find((it) => it.name === name);
  if (!point) throw new Error(`no point ${name}`);
  await checkCell(world, { point, row, often });
});

test.each<ObjectKind>(['ConfigMap', 'Secret'])('a plan of a %s tells no secret', async (kind) => {
  await world.reset(kind);
  world.change(kind);
  const { outcome, said } = await world.run(kind, world.connect(kind), { plan: true });
  expect(outcome.status).toBe('planned');
  expect(said).toContain('+ p11.prometheus.internal.');
  expect(world.secrets.in(said)).toEqual([]);
  expect(world.text(kind)).toBe(world.old);
});

test('the search for secrets finds them, encoded and quoted as well', () => {
  const { credentials, faults } = world.emulators;
  const [call] = faults.of('get secrets');
  const bearer = String(call?.headers.authorization);
  const encoded = Buffer.from(`password: ${'hunter2-of-remote-write'}\n`).toString('base64');
  for (const secret of [credentials.secretAccessKey, bearer, bearer.slice(7), encoded]) {
    expect(world.secrets.in(`error: x: ${secret}.`)).not.toEqual([]);
  }
  expect(world.secrets.in('error: zone-missing: could not list zone Z1')).toEqual([]);
});
