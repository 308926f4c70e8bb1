import {
  ApiException,
  type CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { beforeAll, describe, expect, test } from 'vitest';

const OPTIMISTIC_LOCK =
  'the object has been modified; please apply your changes to the latest version and try again';
const MANAGER = 'route53-federation-sync';

/** The metav1.Status that client-node wraps into its error. */
export async function statusOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiException)) throw error;
    // It keeps no body of a 401.
    return error.body === undefined ? { code: error.code } : JSON.parse(error.body as string);
  }
  throw new Error('the call was expected to be refused');
}

/** client-node's PATCH, with a content type of the caller's choice. */
export function patcher(api: CoreV1Api, namespace: string) {
  return (
    name: string,
    body: object,
    { strategy = PatchStrategy.MergePatch as string, dryRun = false, fieldManager = MANAGER } = {},
  ): Promise<V1ConfigMap> =>
    api.patchNamespacedConfigMap(
      { name, namespace, body, fieldManager, ...(dryRun && { dryRun: 'All' }) },
      setHeaderOptions('Content-Type', strategy),
    );
}

/**
 * What an API server owes a writer of ConfigMaps, seen through @kubernetes/client-node. `admin` may do everything; the
 * namespace is made by the suite.
 */
export function objectsContract(admin: () => CoreV1Api, namespace: string): void {
  let api: CoreV1Api;
  let patch: ReturnType<typeof patcher>;
  const get = (name: string) => api.readNamespacedConfigMap({ name, namespace });
  const create = (name: string, rest: Partial<V1ConfigMap> = {}) =>
    api.createNamespacedConfigMap({
      namespace,
      body: {
        data: { 'prometheus.yml': 'global: {}\n', 'rules.yml': 'groups: []\n' },
        ...rest,
        metadata: { name, ...rest.metadata },
      },
      fieldManager: 'helm',
    });
  const version = (object: V1ConfigMap) => Number(object.metadata?.resourceVersion);

  beforeAll(async () => {
    api = admin();
    patch = patcher(api, namespace);
    await api.createNamespace({ body: { metadata: { name: namespace } } });
  });

  describe('a merge patch', () => {
    test('changes one key and one annotation, and nothing else', async () => {
      const before = await create('one-key', { metadata: { labels: { app: 'prometheus' } } });
      const after = await patch('one-key', {
        metadata: { annotations: { [`${MANAGER}/managed`]: 'federate' } },
        data: { 'prometheus.yml': 'global: { scrape_interval: 1m }\n' },
      });
      expect(after.data).toEqual({
        'prometheus.yml': 'global: { scrape_interval: 1m }\n',
        'rules.yml': 'groups: []\n',
      });
      expect(after.metadata).toMatchObject({
        uid: before.metadata?.uid,
        creationTimestamp: before.metadata?.creationTimestamp,
        labels: { app: 'prometheus' },
        annotations: { [`${MANAGER}/managed`]: 'federate' },
      });
      expect(version(after)).toBeGreaterThan(version(before));
    });

    test('takes over exactly the fields it changes', async () => {
      await create('managed');
      const after = await patch('managed', {
        metadata: { annotations: { x: 'y' } },
        data: { 'prometheus.yml': '' },
      });
      const owned = (manager: string) =>
        after.metadata?.managedFields?.find((entry) => entry.manager === manager);
      expect(owned('helm')?.fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:rules.yml': {} } });
      expect(owned(MANAGER)).toMatchObject({
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:data': { 'f:prometheus.yml': {} },
          'f:metadata': { 'f:annotations': { '.': {}, 'f:x': {} } },
        },
      });
    });

    test('that changes nothing keeps the resource version', async () => {
      const before = await create('no-op');
      const after = await patch('no-op', { data: { 'rules.yml': 'groups: []\n' } });
      expect(after.metadata).toEqual(before.metadata);
    });

    test.for([
      ['changes something', { data: { 'rules.yml': '' } }],
      ['changes nothing', {}],
    ] as const)(
      'with a stale resource version that %s is a Conflict',
      async ([, change], { task }) => {
        const name = `stale-${task.id.replace(/[^a-z0-9]/g, '')}`;
        const { metadata } = await create(name);
        await patch(name, { data: { other: 'x' } });
        const status = await statusOf(
          patch(name, { metadata: { resourceVersion: metadata?.resourceVersion }, ...change }),
        );
        expect(status).toMatchObject({
          status: 'Failure',
          reason: 'Conflict',
          code: 409,
          message: `Operation cannot be fulfilled on configmaps "${name}": ${OPTIMISTIC_LOCK}`,
        });
        expect((await get(name)).data).toHaveProperty(['rules.yml'], 'groups: []\n');
      },
    );

    test('with the present resource version is taken', async () => {
      const { metadata } = await create('fresh');
      const { resourceVersion } = metadata ?? {};
      const after = await patch('fresh', { metadata: { resourceVersion }, data: { a: 'b' } });
      expect(after.data).toHaveProperty('a', 'b');
    });

    test('removes a key with null', async () => {
      await create('remove');
      const after = await patch('remove', { data: { 'rules.yml': null } });
      expect(after.data).toEqual({ 'prometheus.yml': 'global: {}\n' });
    });

    test('in a dry run answers what it would do, and does not', async () => {
      const before = await create('dry');
      const answer = await patch('dry', { data: { 'rules.yml': 'x' } }, { dryRun: true });
      expect(answer.data).toHaveProperty(['rules.yml'], 'x');
      expect(version(answer)).toBe(version(before));
      expect(await get('dry')).toEqual(before);
    });
  });

  describe('another kind of patch', () => {
    test('strategic: maps merge', async () => {
      await create('strategic');
      const after = await patch(
        'strategic',
        { data: { 'rules.yml': null, a: 'b' } },
        { strategy: PatchStrategy.StrategicMergePatch },
      );
      expect(after.data).toEqual({ 'prometheus.yml': 'global: {}\n', a: 'b' });
    });

    test('JSON: operations on paths', async () => {
      await create('json');
      const operations = [{ op: 'replace', path: '/data/rules.yml', value: 'x' }];
      const after = await patch('json', operations, { strategy: PatchStrategy.JsonPatch });
      expect(after.data).toHaveProperty(['rules.yml'], 'x');
    });

    test('of an unknown type is UnsupportedMediaType', async () => {
      await create('unknown-type');
      const status = await statusOf(patch('unknown-type', {}, { strategy: 'application/json' }));
      expect(status).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    });
  });

  describe('what is refused', () => {
    test('a missing object is NotFound', async () => {
      const missing = { code: 404, reason: 'NotFound', message: 'configmaps "none" not found' };
      expect(await statusOf(get('none'))).toMatchObject(missing);
      expect(await statusOf(patch('none', { data: {} }))).toMatchObject(missing);
    });

    test('a second object of one name is AlreadyExists', async () => {
      await create('twice');
      expect(await statusOf(create('twice'))).toMatchObject({ code: 409, reason: 'AlreadyExists' });
    });

    test('an immutable object keeps its data, and stays immutable', async () => {
      await create('immutable', { immutable: true });
      expect(await statusOf(patch('immutable', { data: { a: 'b' } }))).toMatchObject({
        code: 422,
        reason: 'Invalid',
        message:
          'ConfigMap "immutable" is invalid: data: Forbidden: field is immutable when `immutable` is set',
      });
      const reset = await statusOf(patch('immutable', { immutable: false }));
      expect(reset.message).toContain('immutable: Forbidden');
      await patch('immutable', { metadata: { annotations: { a: 'b' } } });
    });

    test('1 MiB of values is taken, one byte more is too long; keys do not count', async () => {
      const data = { key: 'x'.repeat(1024 * 1024) };
      await create('large', { data });
      expect(await statusOf(patch('large', { data: { b: 'y' } }))).toMatchObject({
        code: 422,
        reason: 'Invalid',
        message: 'ConfigMap "large" is invalid: []: Too long: may not be more than 1048576 bytes',
        details: { causes: [{ reason: 'FieldValueTooLong', field: '[]' }] },
      });
    });

    test('a request of more than 3 MiB is RequestEntityTooLarge', async () => {
      await create('huge');
      const status = await statusOf(patch('huge', { data: { a: 'x'.repeat(3 * 1024 * 1024) } }));
      expect(status).toMatchObject({
        code: 413,
        reason: 'RequestEntityTooLarge',
        message: 'Request entity too large: limit is 3145728',
      });
    });

    test('a key with a slash is Invalid', async () => {
      await create('bad-key');
      const status = await statusOf(patch('bad-key', { data: { 'a/b': 'c' } }));
      expect(status.message).toMatch(
        /^ConfigMap "bad-key" is invalid: data\[a\/b\]: Invalid value: "a\/b": a valid config key /,
      );
    });

    test('a value other than text is refused, and the refusal repeats the whole object', async () => {
      await create('no-text', { data: { password: 'hunter2' } });
      const status = await statusOf(patch('no-text', { data: { a: 1 } }));
      expect(status).toMatchObject({ code: 422, reason: 'Invalid' });
      expect(status.message).toContain('json: cannot unmarshal number into Go struct field');
      expect(status.message).toContain('hunter2');
    });

    test('a PUT with a stale resource version is a Conflict', async () => {
      const before = await create('put');
      await patch('put', { data: { a: 'b' } });
      const replaced = api.replaceNamespacedConfigMap({ name: 'put', namespace, body: before });
      expect(await statusOf(replaced)).toMatchObject({ code: 409, reason: 'Conflict' });
    });
  });

  test("a Secret's data is base64, and what is in stringData goes over it", async () => {
    const body = {
      metadata: { name: 's' },
      data: { a: 'AAEC', b: 'eA==' },
      stringData: { b: 'y' },
    };
    const secret = await api.createNamespacedSecret({ namespace, body });
    expect(secret).toMatchObject({ type: 'Opaque', data: { a: 'AAEC', b: 'eQ==' } });
    expect(secret.stringData).toBeUndefined();
  });

  test('a deleted object is gone', async () => {
    await create('gone');
    const done = await api.deleteNamespacedConfigMap({ name: 'gone', namespace });
    expect(done).toMatchObject({
      status: 'Success',
      details: { name: 'gone', kind: 'configmaps' },
    });
    expect(await statusOf(get('gone'))).toMatchObject({ code: 404 });
  });
}
