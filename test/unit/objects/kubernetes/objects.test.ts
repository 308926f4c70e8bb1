import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../../src/fault.ts';
import type { KubernetesRef } from '../../../../src/location.ts';
import { KubernetesClient } from '../../../../src/objects/kubernetes/client.ts';
import { KubernetesObjects } from '../../../../src/objects/kubernetes/objects.ts';
import { type Kubernetes, startKubernetes } from '../../../support/emulators/kubernetes.ts';
import { accessTo, kubernetesContract, quick, run } from '../contract.ts';

describe('objects of the emulated API server', () => {
  kubernetesContract(async () => {
    const server = await startKubernetes();
    const syncerToken = server.addUser({ name: 'syncer' });
    return { ...server, syncerToken, stop: () => server.close() };
  });
});

describe('an API server that misbehaves', () => {
  const metadata = { namespace: 'monitoring', name: 'central' };
  const configMap: KubernetesRef = { kind: 'configMap', ...metadata };
  const secret: KubernetesRef = { kind: 'secret', ...metadata };
  const NEW = { texts: new Map([['key', 'new']]), managed: [] };
  let server: Kubernetes;
  let client: KubernetesClient;
  let objects: KubernetesObjects;

  beforeAll(async () => {
    server = await startKubernetes();
    client = new KubernetesClient(accessTo(server, server.adminToken), quick);
    objects = new KubernetesObjects(client);
  });
  afterAll(async () => {
    client.close();
    await server.close();
  });
  beforeEach(() => {
    server.faults.clear();
    server.put({ kind: 'ConfigMap', metadata, data: { key: 'old' } });
    server.put({ kind: 'Secret', metadata, data: { key: 'b2xk' } });
  });

  const answered = (object: KubernetesRef, answer: object) => {
    server.faults.on({}, { status: 200, body: JSON.stringify(answer) });
    return objects.read(object, { create: true }, run);
  };
  const good = { kind: 'ConfigMap', metadata: { ...metadata, resourceVersion: '1' } };

  test.each<[string, object]>([
    ['another kind', { ...good, kind: 'Secret' }],
    ["another object's", { ...good, metadata: { ...good.metadata, name: 'other' } }],
    ["another namespace's", { ...good, metadata: { ...good.metadata, namespace: 'other' } }],
    ['no version', { ...good, metadata }],
    ['no metadata', { kind: 'ConfigMap' }],
    ['numbers for texts', { ...good, data: { key: 1 } }],
    ['a list for a map', { ...good, data: 'key' }],
    ['a list', [good]],
  ])('is not believed: %s', async (_, answer) => {
    await expect(answered(configMap, answer)).rejects.toMatchObject({
      code: 'kubernetes-unavailable',
    });
  });

  test('is refused for a value that is not base64', async () => {
    const answer = { ...good, kind: 'Secret', data: { key: 'cGFzc3dvcmQ' } };
    const fault = (await answered(secret, answer)).texts.get('key') as Fault;
    expect(fault.code).toBe('document-broken');
    expect(fault.message).not.toContain('cGFzc3');
  });

  test('cannot make an old object look new: the write is refused', async () => {
    await objects.read(configMap, { create: false }, run);
    server.put({ kind: 'ConfigMap', metadata, data: { key: "another writer's" } });
    server.faults.on({ operation: 'get configmaps' }, 'stale');
    const snapshot = await objects.read(configMap, { create: false }, run);
    expect(snapshot.texts.get('key')).toBe('old');
    await expect(objects.write(snapshot, NEW, run)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(server.get('ConfigMap', 'monitoring', 'central')?.data).toEqual({
      key: "another writer's",
    });
  });

  test('leaves it unknown whether a write was applied, and a read shows it', async () => {
    for (const [fault, text] of [
      ['reset-before', 'old'],
      ['reset-after', 'new'],
    ] as const) {
      const snapshot = await objects.read(configMap, { create: false }, run);
      server.faults.on({ operation: 'patch configmaps' }, fault);
      const write = objects.write(snapshot, NEW, run);
      await expect(write).rejects.toMatchObject({ code: 'write-unknown' });
      const { texts } = await objects.read(configMap, { create: false }, run);
      expect(texts.get('key')).toBe(text);
    }
  });

  test.each([
    ['nothing', {}],
    ['another object', { ...good, metadata: { ...good.metadata, name: 'other' } }],
  ])('is not believed to have written when %s', async (_, answer) => {
    const snapshot = await objects.read(configMap, { create: false }, run);
    server.faults.on({}, { status: 200, body: JSON.stringify(answer) });
    const write = objects.write(snapshot, NEW, run);
    await expect(write).rejects.toMatchObject({ code: 'write-unknown' });
  });

  test('that changed the object refuses the write', async () => {
    const snapshot = await objects.read(configMap, { create: false }, run);
    server.faults.before({ operation: 'patch configmaps' }, () => {
      server.put({ kind: 'ConfigMap', metadata, data: { key: "another writer's" } });
    });
    await expect(objects.write(snapshot, NEW, run)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
