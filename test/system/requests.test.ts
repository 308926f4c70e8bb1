import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Connection, connect } from '../../src/connect.ts';
import type { Settings } from '../../src/job.ts';
import { checkSettings } from '../../src/settings/parse.ts';
import { sync } from '../../src/sync.ts';
import { type Emulators, startEmulators } from '../support/emulators/emulators.ts';
import { cname } from '../support/emulators/record-sets.ts';

// Requests on the wire, as the emulated API server counts them.

const metadata = { namespace: 'monitoring', name: 'lists' };
let emulators: Emulators;
let zone: string;
let settings: Settings;
let connection: Connection;
const env = { ...process.env };

beforeAll(async () => {
  emulators = await startEmulators();
  Object.assign(process.env, emulators.env);
  emulators.addAccessEntry(emulators.credentials.arn, { groups: ['federation-sync'] });
  emulators.kubernetes.grant(
    { group: 'federation-sync' },
    {
      namespace: metadata.namespace,
      names: [metadata.name],
      verbs: ['get', 'patch'],
      resources: ['configmaps'],
    },
  );
});
afterAll(async () => {
  process.env = env;
  await emulators?.close();
});
beforeEach(() => {
  const { aws, kubernetes, cluster } = emulators;
  zone = aws.route53.createZone({ name: 'prometheus.internal' });
  aws.route53.upsert(zone, [cname('a.prometheus.internal')]);
  kubernetes.put({
    kind: 'ConfigMap',
    metadata,
    data: { 'a.json': '[]\n', 'b.json': '[]\n', other: 'kept' },
  });
  const job = (name: string) => ({
    name,
    from: [{ zone }],
    select: { name: '\\.prometheus\\.internal$' },
    to: { configMap: { ...metadata, key: `${name}.json` }, format: 'file_sd' },
  });
  const raw = { cluster: { eks: { name: cluster } }, jobs: [job('a'), job('b')] };
  settings = checkSettings(raw, 'settings', '/');
  connection = connect(settings, { env: process.env });
  emulators.faults.clear();
});

const run = async () => {
  const { calls } = emulators.faults;
  const from = calls.length;
  const outcomes = await sync(settings.jobs, connection, {
    signal: AbortSignal.timeout(10_000),
    pauseMs: 1,
  });
  const methods = calls
    .slice(from)
    .filter(({ service }) => service === 'kubernetes')
    .map(({ method }) => method);
  return { statuses: outcomes.map(({ status }) => status), methods };
};

test('two jobs in two keys of one object are one GET and one PATCH; a second sync is two GETs', async () => {
  expect(await run()).toEqual({ statuses: ['written', 'written'], methods: ['GET', 'PATCH'] });
  const object = emulators.kubernetes.get('ConfigMap', metadata.namespace, metadata.name);
  expect(Object.keys(object?.data ?? {}).sort()).toEqual(['a.json', 'b.json', 'other']);
  expect(await run()).toEqual({ statuses: ['unchanged', 'unchanged'], methods: ['GET', 'GET'] });
});

test('a conflict adds one GET and one PATCH', async () => {
  emulators.faults.before({ operation: 'patch configmaps' }, () => {
    emulators.kubernetes.put({
      kind: 'ConfigMap',
      metadata,
      data: { 'a.json': '[]\n', 'b.json': '[]\n', other: 'changed' },
    });
  });
  expect(await run()).toEqual({
    statuses: ['written', 'written'],
    methods: ['GET', 'PATCH', 'GET', 'PATCH'],
  });
});
