import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Fault } from '../../../src/fault.ts';
import { exchange } from '../../../src/http.ts';
import type { KubernetesRef } from '../../../src/location.ts';
import { KubernetesClient } from '../../../src/objects/kubernetes/client.ts';
import { KubernetesObjects } from '../../../src/objects/kubernetes/objects.ts';
import type { Change, Snapshot } from '../../../src/objects/objects.ts';
import { Admin, accessTo, type ContractServer, quick, run } from './contract.ts';

const API = { apiVersion: 'monitoring.coreos.com/v1alpha1', kind: 'ScrapeConfig' };
const APPLY = 'application/apply-patch+yaml';

/** What ScrapeConfigs promise, of an API server that has their CRD. */
export function scrapeConfigContract(start: () => Promise<ContractServer>): void {
  let server: ContractServer;
  let admin: Admin;
  let client: KubernetesClient;
  let objects: KubernetesObjects;
  let dry: KubernetesObjects;
  let object: KubernetesRef;
  let collection: string;
  let path: string;
  const bodies: { method: string; body: object }[] = [];

  beforeAll(async () => {
    server = await start();
    admin = new Admin(server);
    client = new KubernetesClient(accessTo(server, server.syncerToken), {
      ...quick,
      exchange: (asked) => {
        if (asked.body) bodies.push({ method: asked.method, body: JSON.parse(asked.body) });
        return exchange(asked);
      },
    });
    objects = new KubernetesObjects(client);
    dry = new KubernetesObjects(client, { dryRun: true });
  });
  afterAll(async () => {
    client?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    const namespace = await admin.namespace();
    object = { kind: 'scrapeConfig', namespace, name: 'federate' };
    collection = `/apis/monitoring.coreos.com/v1alpha1/namespaces/${namespace}/scrapeconfigs`;
    path = `${collection}/federate`;
    await allow(['get', 'patch', 'create']);
    bodies.length = 0;
  });

  const allow = (verbs: readonly string[]) =>
    admin.allow(object.namespace, [
      { apiGroups: ['monitoring.coreos.com'], resources: ['scrapeconfigs'], verbs },
    ]);
  const read = (create = false) => objects.read(object, { create }, run);
  const listed = (snapshot: Snapshot) =>
    JSON.parse(String(snapshot.texts.get(''))).spec.staticConfigs;
  const group = (address: string, clusterID = 'one') => ({
    targets: [address],
    labels: { clusterID },
  });
  const change = (
    snapshot: Snapshot,
    list: readonly object[],
    more: Partial<Change> = {},
  ): Change => {
    const text = String(snapshot.texts.get('') ?? JSON.stringify({ ...API, spec: {} }));
    const resource = JSON.parse(text);
    const spec = { ...resource.spec, staticConfigs: list };
    return {
      texts: new Map([['', JSON.stringify({ ...resource, spec })]]),
      managed: ['federate'],
      ...more,
    };
  };
  const write = async (list: readonly object[], more: Partial<Change> = {}) => {
    const snapshot = await read();
    return objects.write(snapshot, change(snapshot, list, more), run);
  };
  const apply = (manager: string, spec: object, more: object = {}) =>
    admin.send(
      'PATCH',
      `${path}?fieldManager=${manager}`,
      { ...API, metadata: { name: 'federate', ...more }, spec },
      undefined,
      APPLY,
    );
  /** As Git's tool does: everything except the list. */
  const put = (spec: object = {}, more: object = {}) =>
    apply('git', { metricsPath: '/federate', ...spec }, more);
  const faultOf = (work: Promise<unknown>): Promise<Fault> =>
    work.then(
      () => expect.fail('it succeeded'),
      (error) => error,
    );

  test('the list is applied, and nothing else is sent', async () => {
    await put();
    const snapshot = await read();
    const { status } = await objects.write(snapshot, change(snapshot, [group('a.:80')]), run);
    expect(status).toBe('written');
    expect(bodies).toEqual([
      {
        method: 'PATCH',
        body: {
          ...API,
          metadata: {
            namespace: object.namespace,
            name: 'federate',
            uid: snapshot.uid,
            resourceVersion: snapshot.version,
            annotations: { 'route53-federation-sync/managed': 'federate' },
          },
          spec: { staticConfigs: [group('a.:80')] },
        },
      },
    ]);
    expect(await admin.get(path)).toMatchObject({
      metadata: {
        managedFields: expect.arrayContaining([
          expect.objectContaining({ manager: 'route53-federation-sync', operation: 'Apply' }),
          expect.objectContaining({ manager: 'git', operation: 'Apply' }),
        ]),
      },
      spec: { metricsPath: '/federate', staticConfigs: [group('a.:80')] },
    });
  });

  test('a text that is read after its write is the text that was written', async () => {
    await put();
    await write([{ targets: ['a.:80'], labels: { b: '1', a: '2' } }, { targets: ['b.:80'] }]);
    const { texts, adopted } = await read();
    expect(adopted).toEqual(['federate']);
    expect(texts.get('')).toContain(
      '"staticConfigs":[\n{"targets":["a.:80"],"labels":{"a":"2","b":"1"}},\n{"targets":["b.:80"]}\n]',
    );
  });

  test('the next apply of Git keeps the list', async () => {
    await put();
    await write([group('a.:80')]);
    await put({ metricsPath: '/metrics' });
    expect(await admin.get(path)).toMatchObject({
      spec: { metricsPath: '/metrics', staticConfigs: [group('a.:80')] },
    });
  });

  test('a list can become empty, and grow again', async () => {
    await put();
    await write([group('a.:80')]);
    await write([]);
    expect(listed(await read())).toEqual([]);
    await write([group('b.:80')]);
    expect(listed(await read())).toEqual([group('b.:80')]);
  });

  test('what our annotation remembers survives writes that do not change it', async () => {
    await put();
    await write([group('a.:80')], { memory: '{"x":1}' });
    await write([group('b.:80')]);
    expect(await read()).toMatchObject({ memory: '{"x":1}' });
    const snapshot = await read();
    const annotating = { texts: new Map<string, string>(), managed: ['federate'], memory: null };
    await objects.write(snapshot, annotating, run);
    const after = await read();
    expect(after.memory).toBeUndefined();
    expect(listed(after)).toEqual([group('b.:80')]);
  });

  test('a stale version is a conflict', async () => {
    await put();
    const snapshot = await read();
    await write([group('a.:80')]);
    const fault = await faultOf(objects.write(snapshot, change(snapshot, [group('b.:80')]), run));
    expect(fault).toMatchObject({ code: 'conflict' });
    expect(listed(await read())).toEqual([group('a.:80')]);
  });

  test.each([[['get', 'patch']], [['get', 'patch', 'create']]])(
    'an object that was deleted is not created again, with %s',
    async (verbs) => {
      await allow(verbs);
      await put();
      const snapshot = await read();
      await admin.remove(path);
      const fault = await faultOf(objects.write(snapshot, change(snapshot, [group('a.:80')]), run));
      expect(fault).toMatchObject({ code: 'conflict' });
      await expect(admin.get(path)).rejects.toThrow('NotFound');
    },
  );

  test('another field manager of the list is an error that names it, of a plan too', async () => {
    await put({ staticConfigs: [group('git.:80')] });
    const snapshot = await read();
    for (const one of [objects, dry]) {
      const fault = await faultOf(one.write(snapshot, change(snapshot, [group('a.:80')]), run));
      expect(fault).toMatchObject({ code: 'field-owned', retryable: false });
      expect(fault.message).toContain('field manager git owns .spec.staticConfigs');
    }
    expect(listed(await read())).toEqual([group('git.:80')]);
  });

  test('a list equal to that of another field manager is shared, and stays when that one leaves it out', async () => {
    await put();
    await apply('lists', { staticConfigs: [group('a.:80')] });
    expect(await write([group('a.:80')])).toMatchObject({ status: 'written' });
    expect(await faultOf(write([group('b.:80')]))).toMatchObject({ code: 'field-owned' });
    await apply('lists', {});
    expect(listed(await read())).toEqual([group('a.:80')]);
    expect(await write([group('b.:80')])).toMatchObject({ status: 'written' });
    expect(listed(await read())).toEqual([group('b.:80')]);
  });

  test('a plan is tried, and changes nothing', async () => {
    await put();
    const snapshot = await read();
    const planned = await dry.write(snapshot, change(snapshot, [group('a.:80')]), run);
    expect(planned).toMatchObject({ status: 'planned' });
    expect(await read()).toEqual(snapshot);
  });

  test('is created from a template, and the list stays ours', async () => {
    const snapshot = await read(true);
    const template = {
      ...API,
      metadata: { labels: { team: 'metrics' } },
      spec: { metricsPath: '/federate', staticConfigs: [group('a.:80')] },
    };
    const first: Change = {
      texts: new Map([['', JSON.stringify(template)]]),
      managed: ['federate'],
    };
    expect(await dry.write(snapshot, first, run)).toMatchObject({ status: 'planned' });
    expect((await read(true)).version).toBeUndefined();
    expect(await objects.write(snapshot, first, run)).toMatchObject({ status: 'written' });
    await write([group('b.:80')]);
    expect(await admin.get(path)).toMatchObject({
      metadata: {
        labels: { team: 'metrics', 'app.kubernetes.io/managed-by': 'route53-federation-sync' },
        annotations: { 'route53-federation-sync/managed': 'federate' },
      },
      spec: { metricsPath: '/federate', staticConfigs: [group('b.:80')] },
    });
  });

  test('is not created from a template with a field that the CRD does not have', async () => {
    const snapshot = await read(true);
    const template = {
      ...API,
      spec: { scrapeclass: 'x', metricsPath: '/federate', staticConfigs: [group('a.:80')] },
    };
    const first = { texts: new Map([['', JSON.stringify(template)]]), managed: ['federate'] };
    for (const one of [objects, dry]) {
      const { code, message, remedy } = await faultOf(one.write(snapshot, first, run));
      expect(code).toBe('kubernetes-refused');
      expect(message).toBe(
        `could not create scrapeconfig/${object.namespace}/federate: unknown field spec.scrapeclass`,
      );
      expect(remedy).toBe("Correct the template: the cluster's CRD does not have that field.");
    }
    expect((await read(true)).version).toBeUndefined();
  });

  test('is paused by its annotation', async () => {
    await put({}, { annotations: { 'route53-federation-sync/paused': 'true' } });
    expect(await read()).toMatchObject({ paused: true, adopted: undefined });
  });

  test('is missing where it does not exist', async () => {
    expect(await faultOf(read())).toMatchObject({ code: 'object-missing' });
  });
}
