import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import type { KubernetesRef } from '../../../src/location.ts';
import type { ClusterAccess } from '../../../src/objects/cluster/access.ts';
import {
  KubernetesClient,
  type KubernetesOptions,
} from '../../../src/objects/kubernetes/client.ts';
import { KubernetesObjects } from '../../../src/objects/kubernetes/objects.ts';
import type { Snapshot } from '../../../src/objects/objects.ts';

/** A Kubernetes API server, real or emulated, with RBAC, an administrator and a user `syncer`. */
export interface ContractServer {
  readonly url: string;
  /** PEM. */
  readonly certificateAuthority: string;
  readonly adminToken: string;
  readonly syncerToken: string;
  stop(): Promise<unknown>;
}

export interface Rule {
  /** Default: the core group. */
  readonly apiGroups?: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Shaped for reading in tests; what the API answers has more. */
export interface ApiObject {
  readonly type?: string;
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly managedFields?: readonly { manager: string; operation: string }[];
  };
  readonly data?: Record<string, string>;
  readonly binaryData?: Record<string, string>;
}

export const run = { signal: new AbortController().signal };

/** Pauses of milliseconds, so that what is retried is over soon. */
export const quick: Partial<KubernetesOptions> = {
  backoff: { first: 1, longest: 5 },
};

/** A way in with a bearer token. `renewals` counts how often it was renewed. */
export function accessTo(
  { url, certificateAuthority }: Pick<ContractServer, 'url' | 'certificateAuthority'>,
  token: string,
): ClusterAccess & { renewals: number } {
  const options = { ca: certificateAuthority, headers: { authorization: `Bearer ${token}` } };
  return {
    renewals: 0,
    signIn: async () => ({ server: url, options }),
    renew() {
      this.renewals += 1;
    },
  };
}

const RBAC = 'rbac.authorization.k8s.io';

const inOrder = (rules: readonly Rule[]) =>
  rules.map((rule) => JSON.stringify([rule.verbs, rule.resources, rule.resourceNames])).sort();

/** The administrator's own requests: none of the code under test is in them. */
export class Admin {
  readonly #server: ContractServer;
  readonly #bound = new Set<string>();

  constructor(server: ContractServer) {
    this.#server = server;
  }

  /** A namespace of its own for every test. */
  async namespace(): Promise<string> {
    const name = `places-${randomBytes(4).toString('hex')}`;
    await this.send('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    });
    return name;
  }

  async create(namespace: string, kind: 'ConfigMap' | 'Secret', object: object): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s`;
    await this.send('POST', path, { apiVersion: 'v1', kind, ...object });
  }

  async get(path: string): Promise<ApiObject> {
    return (await this.send('GET', path)) as ApiObject;
  }

  async patch(path: string, patch: object): Promise<void> {
    await this.send('PATCH', path, patch);
  }

  async remove(path: string): Promise<void> {
    await this.send('DELETE', path);
  }

  /** Lets the user syncer do these in a namespace, and nothing else there; in force when it returns. */
  async allow(namespace: string, rules: readonly Rule[]): Promise<void> {
    const roles = `/apis/${RBAC}/v1/namespaces/${namespace}/roles`;
    const ofCore = rules.map((rule) => ({ apiGroups: [''], ...rule }));
    if (this.#bound.has(namespace)) {
      await this.patch(`${roles}/syncer`, { rules: ofCore });
    } else {
      this.#bound.add(namespace);
      const common = { apiVersion: `${RBAC}/v1`, metadata: { name: 'syncer' } };
      await this.send('POST', roles, { ...common, kind: 'Role', rules: ofCore });
      await this.send('POST', roles.replace(/roles$/, 'rolebindings'), {
        ...common,
        kind: 'RoleBinding',
        roleRef: { apiGroup: RBAC, kind: 'Role', name: 'syncer' },
        subjects: [{ apiGroup: RBAC, kind: 'User', name: 'syncer' }],
      });
    }
    // The authorizer learns of it by a watch.
    await expect.poll(() => this.#rulesInForce(namespace)).toEqual(inOrder(rules));
  }

  async #rulesInForce(namespace: string): Promise<string[]> {
    const kind = 'SelfSubjectRulesReview';
    const review = { apiVersion: 'authorization.k8s.io/v1', kind, spec: { namespace } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const answer = await this.send('POST', path, review, this.#server.syncerToken);
    const { status } = answer as { status: { resourceRules: (Rule & { apiGroups: string[] })[] } };
    const own = (group: string) => group === '' || group === 'monitoring.coreos.com';
    return inOrder(status.resourceRules.filter(({ apiGroups }) => apiGroups.some(own)));
  }

  send(
    method: string,
    path: string,
    body?: object,
    token = this.#server.adminToken,
    contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
  ): Promise<unknown> {
    const { url, certificateAuthority: ca } = this.#server;
    const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
    return new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { method, ca, headers }, async (response) => {
        const text = (await response.setEncoding('utf8').toArray()).join('');
        if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${text}`));
      });
      sent.once('error', reject).end(body && JSON.stringify(body));
    });
  }
}

/** What the objects promise, of whatever serves the Kubernetes API. */
export function kubernetesContract(start: () => Promise<ContractServer>): void {
  let server: ContractServer;
  let admin: Admin;
  let client: KubernetesClient;
  let objects: KubernetesObjects;
  let namespace: string;

  beforeAll(async () => {
    server = await start();
    admin = new Admin(server);
    client = new KubernetesClient(accessTo(server, server.syncerToken), quick);
    objects = new KubernetesObjects(client);
  });
  afterAll(async () => {
    client?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    namespace = await admin.namespace();
    await admin.allow(namespace, [
      { verbs: ['get', 'patch', 'create'], resources: ['configmaps', 'secrets'] },
    ]);
  });

  const key = 'prometheus.yml';
  const configMap = (): KubernetesRef => ({ kind: 'configMap', namespace, name: 'central' });
  const secret = (): KubernetesRef => ({ kind: 'secret', namespace, name: 'central' });
  const pathOf = ({ kind }: KubernetesRef, name = 'central') =>
    `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const read = (object: KubernetesRef, create = false) => objects.read(object, { create }, run);
  const write = (snapshot: Snapshot, text: string, jobs: readonly string[] = []) =>
    objects.write(snapshot, { texts: new Map([[key, text]]), managed: jobs }, run);
  const putConfigMap = (data: Record<string, string>, more: object = {}) =>
    admin.create(namespace, 'ConfigMap', { metadata: { name: 'central' }, data, ...more });
  const putSecret = (data: Record<string, string>, more: object = {}) =>
    admin.create(namespace, 'Secret', { metadata: { name: 'central' }, data, ...more });
  const faultOf = async (work: Promise<unknown>): Promise<Fault> => {
    const fault = await work.then(
      () => undefined,
      (error) => error,
    );
    expect(fault).toBeInstanceOf(Fault);
    return fault;
  };

  describe('reading', () => {
    const text = '\uFEFFglobal: {}\r\n# é 漢 🎉\nlast: line';

    test('returns every text as it is, and the size of all values', async () => {
      await putConfigMap({ [key]: text, other: 'é1' }, { binaryData: { blob: 'AAECAw==' } });
      const snapshot = await read(configMap());
      const { metadata } = await admin.get(pathOf(configMap()));
      expect(snapshot).toEqual({
        object: configMap(),
        texts: new Map<string, unknown>([
          [key, text],
          ['other', 'é1'],
          ['blob', expect.objectContaining({ code: 'document-broken' })],
        ]),
        version: metadata.resourceVersion,
        adopted: undefined,
        ours: false,
        paused: false,
        bytes: Buffer.byteLength(text) + 3 + 4,
        lastWriter: expect.any(String),
      });
    });

    test("gives a Secret's text decoded", async () => {
      await putSecret({ [key]: base64(text), other: base64('12345') });
      expect(await read(secret())).toMatchObject({
        texts: new Map([
          [key, text],
          ['other', '12345'],
        ]),
        bytes: Buffer.byteLength(text) + 5,
      });
    });

    test('gives what our annotations say', async () => {
      const annotations = {
        'route53-federation-sync/managed': 'blackbox,federate',
        'route53-federation-sync/paused': 'true',
      };
      await putConfigMap({ [key]: '' }, { metadata: { name: 'central', annotations } });
      expect(await read(configMap())).toMatchObject({
        adopted: ['blackbox', 'federate'],
        ours: true,
        paused: true,
      });
    });

    test('gives a fault for a Secret that is not UTF-8, without quoting it', async () => {
      await putSecret({ [key]: Buffer.from('password\xff', 'latin1').toString('base64') });
      const fault = (await read(secret())).texts.get(key) as Fault;
      expect(fault.code).toBe('document-broken');
      expect(fault.message).not.toContain('password');
    });

    test('gives a fault for a key in binaryData', async () => {
      await putConfigMap({}, { binaryData: { [key]: base64('a: 1') } });
      const { texts } = await read(configMap());
      expect(texts.get(key)).toMatchObject({ code: 'document-broken' });
    });

    test('refuses an object that is missing, unless it may be created', async () => {
      expect(await faultOf(read(configMap()))).toMatchObject({ code: 'object-missing' });
      expect(await read(configMap(), true)).toEqual({
        object: configMap(),
        texts: new Map(),
        version: undefined,
        adopted: undefined,
        ours: true,
        paused: false,
        bytes: 0,
        lastWriter: undefined,
      });
    });
  });

  describe('writing', () => {
    test('changes the key and our annotation, and nothing else', async () => {
      await putConfigMap(
        { [key]: 'old', 'alerts.yml': 'kept' },
        {
          metadata: {
            name: 'central',
            labels: { app: 'prometheus' },
            annotations: { note: 'kept' },
          },
          binaryData: { blob: 'AAECAw==' },
        },
      );
      const snapshot = await read(configMap());
      const written = await write(snapshot, 'new\r\né', ['federate', 'blackbox']);
      const object = await admin.get(pathOf(configMap()));
      const { resourceVersion: version } = object.metadata;
      expect(written).toEqual({ status: 'written', version, warnings: [] });
      expect(object.data).toEqual({ [key]: 'new\r\né', 'alerts.yml': 'kept' });
      expect(object.binaryData).toEqual({ blob: 'AAECAw==' });
      expect(object.metadata.labels).toEqual({ app: 'prometheus' });
      expect(object.metadata.annotations).toEqual({
        note: 'kept',
        'route53-federation-sync/managed': 'blackbox,federate',
      });
    });

    test('leaves our name as the field manager', async () => {
      await putConfigMap({ [key]: 'old' });
      await write(await read(configMap()), 'new', ['federate']);
      const { metadata } = await admin.get(pathOf(configMap()));
      expect(metadata.managedFields).toContainEqual(
        expect.objectContaining({ manager: 'route53-federation-sync', operation: 'Update' }),
      );
    });

    test('writes an annotation alone where no text changed', async () => {
      await putConfigMap({ [key]: 'as it is' });
      await objects.write(
        await read(configMap()),
        { texts: new Map(), managed: ['federate'] },
        run,
      );
      const { data, metadata } = await admin.get(pathOf(configMap()));
      expect(data).toEqual({ [key]: 'as it is' });
      expect(metadata.annotations).toEqual({ 'route53-federation-sync/managed': 'federate' });
      expect(await read(configMap())).toMatchObject({ lastWriter: 'route53-federation-sync' });
    });

    test('sets what it remembers in the same request, leaves it, and removes it', async () => {
      const name = 'route53-federation-sync/gone';
      const annotations = { mine: 'kept' };
      await putConfigMap({ [key]: 'old' }, { metadata: { name: 'central', annotations } });
      const change = async (memory: string | null | undefined) => {
        const texts = new Map<string, string>();
        await objects.write(await read(configMap()), { texts, managed: [], memory }, run);
        const { metadata } = await admin.get(pathOf(configMap()));
        expect(metadata.annotations?.mine).toBe('kept');
        expect((await read(configMap())).memory).toBe(metadata.annotations?.[name]);
        return metadata.annotations?.[name];
      };
      expect(await change(undefined)).toBeUndefined();
      expect(await change('{"v":1,"lists":{}}')).toBe('{"v":1,"lists":{}}');
      expect(await change(undefined)).toBe('{"v":1,"lists":{}}');
      expect(await change(null)).toBeUndefined();
    });

    test.each(['True', 'yes', '1', ' true', 'false '])('reads pause %j as paused', async (text) => {
      const annotations = { 'route53-federation-sync/paused': text };
      await putConfigMap({ [key]: '' }, { metadata: { name: 'central', annotations } });
      expect(await read(configMap())).toMatchObject({ paused: true });
    });

    test.each(['', 'false'])('reads pause %j as not paused', async (text) => {
      const annotations = { 'route53-federation-sync/paused': text };
      await putConfigMap({ [key]: '' }, { metadata: { name: 'central', annotations } });
      expect(await read(configMap())).toMatchObject({ paused: false });
    });

    test("changes a Secret's key alone", async () => {
      await putSecret({ [key]: base64('old'), password: base64('kept') });
      await write(await read(secret()), 'new é', ['federate']);
      const { data } = await admin.get(pathOf(secret()));
      expect(data).toEqual({ [key]: base64('new é'), password: base64('kept') });
    });

    test('reads back what it wrote, names of jobs with commas too', async () => {
      await putConfigMap({ [key]: 'old' });
      const jobs = ['a,b', '100%', '50%2C', 'plain'];
      await write(await read(configMap()), 'new', jobs);
      const { texts, adopted } = await read(configMap());
      expect(texts.get(key)).toBe('new');
      expect(new Set(adopted as readonly string[])).toEqual(new Set(jobs));
    });

    test('is refused as a conflict after any other change of the object', async () => {
      await putConfigMap({ [key]: 'old' });
      const snapshot = await read(configMap());
      await admin.patch(pathOf(configMap()), { data: { other: "another writer's" } });
      const fault = await faultOf(write(snapshot, 'new', ['federate']));
      expect(fault).toMatchObject({ code: 'conflict', retryable: true });
      const { data } = await admin.get(pathOf(configMap()));
      expect(data).toEqual({ [key]: 'old', other: "another writer's" });
    });

    test('is refused as a conflict when the object was deleted, even if one of its name is back', async () => {
      await putConfigMap({ [key]: 'old' });
      const snapshot = await read(configMap());
      await admin.remove(pathOf(configMap()));
      const again = () => write(snapshot, 'new', ['federate']);
      expect(await faultOf(again())).toMatchObject({ code: 'conflict' });
      await putConfigMap({ [key]: 'old' });
      expect(await faultOf(again())).toMatchObject({ code: 'conflict' });
    });

    test.each([configMap, secret])('creates an object that is ours (%#)', async (where) => {
      const snapshot = await read(where(), true);
      await write(snapshot, 'new', ['federate']);
      const { metadata, type, data } = await admin.get(pathOf(where()));
      expect(metadata.labels).toEqual({
        'app.kubernetes.io/managed-by': 'route53-federation-sync',
      });
      expect(metadata.annotations).toEqual({ 'route53-federation-sync/managed': 'federate' });
      const isSecret = where().kind === 'secret';
      expect(type).toBe(isSecret ? 'Opaque' : undefined);
      expect(data).toEqual({ [key]: isSecret ? base64('new') : 'new' });
      expect(await read(where(), true)).toMatchObject({
        texts: new Map([[key, 'new']]),
        adopted: ['federate'],
        ours: true,
      });
    });

    test('is refused as a conflict when another writer created the object first', async () => {
      const snapshot = await read(configMap(), true);
      await putConfigMap({ [key]: 'first' });
      const fault = await faultOf(write(snapshot, 'new', ['federate']));
      expect(fault).toMatchObject({ code: 'conflict' });
      expect((await admin.get(pathOf(configMap()))).data).toEqual({ [key]: 'first' });
    });

    test('changes and adds several keys in one request', async () => {
      await putConfigMap({ [key]: 'old', other: 'kept' });
      const before = await admin.get(pathOf(configMap()));
      const texts = new Map([
        [key, 'first'],
        ['second.json', 'second'],
      ]);
      await objects.write(
        await read(configMap()),
        { texts, managed: ['federate', 'blackbox'] },
        run,
      );
      const { data, metadata } = await admin.get(pathOf(configMap()));
      expect(data).toEqual({ [key]: 'first', 'second.json': 'second', other: 'kept' });
      expect(metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
    });

    test('is refused where the object is immutable', async () => {
      await putConfigMap({ [key]: 'old' }, { immutable: true });
      const fault = await faultOf(write(await read(configMap()), 'new'));
      expect(fault).toMatchObject({ code: 'object-immutable', retryable: false });
    });

    test('accepts an object of exactly 1 MiB', async () => {
      const half = 512 * 1024;
      await putConfigMap({ [key]: 'old', other: 'x'.repeat(half) });
      await write(await read(configMap()), 'y'.repeat(half));
    });

    test('is refused by the API server where the object would be too large', async () => {
      await putConfigMap({ [key]: 'old', other: 'x'.repeat(512 * 1024) });
      const snapshot = await read(configMap());
      const fault = await faultOf(write(snapshot, 'y'.repeat(600 * 1024)));
      expect(fault).toMatchObject({ code: 'object-too-large' });
    });

    test('is refused in a namespace that does not exist', async () => {
      const nowhere = { ...configMap(), namespace: 'nowhere' };
      const own = new KubernetesClient(accessTo(server, server.adminToken), quick);
      const all = new KubernetesObjects(own);
      const snapshot = await all.read(nowhere, { create: true }, run);
      const fault = await faultOf(
        all.write(snapshot, { texts: new Map([[key, 'new']]), managed: [] }, run),
      );
      own.close();
      expect(fault).toMatchObject({ code: 'object-missing' });
      expect(fault.message).toContain('nowhere');
    });
  });

  describe('a dry run', () => {
    const tryWrite = async (snapshot: Snapshot) => {
      const dry = new KubernetesObjects(client, { dryRun: true });
      return dry.write(snapshot, { texts: new Map([[key, 'new']]), managed: ['federate'] }, run);
    };

    test('is answered as the write would be, and changes nothing', async () => {
      await putConfigMap({ [key]: 'old' });
      const snapshot = await read(configMap());
      expect(await tryWrite(snapshot)).toEqual({
        status: 'planned',
        version: undefined,
        warnings: [],
      });
      expect(await read(configMap())).toEqual(snapshot);
    });

    test('creates nothing', async () => {
      const snapshot = await read(configMap(), true);
      expect(await tryWrite(snapshot)).toMatchObject({ status: 'planned' });
      expect(await faultOf(read(configMap()))).toMatchObject({ code: 'object-missing' });
    });

    test('fails where the write would: immutable, or changed in the meantime', async () => {
      await putConfigMap({ [key]: 'old' }, { immutable: true });
      const snapshot = await read(configMap());
      expect(await faultOf(tryWrite(snapshot))).toMatchObject({ code: 'object-immutable' });
      const stale = { ...snapshot, version: '1' };
      expect(await faultOf(tryWrite(stale))).toMatchObject({ code: 'conflict' });
    });

    test('warns where it is not allowed to try', async () => {
      await putConfigMap({ [key]: 'old' });
      const snapshot = await read(configMap());
      await admin.allow(namespace, [{ verbs: ['get'], resources: ['configmaps'] }]);
      expect(await tryWrite(snapshot)).toMatchObject({
        status: 'planned',
        warnings: [{ code: 'not-tried' }],
      });
    });
  });

  describe('permission', () => {
    const named = { resources: ['configmaps'], resourceNames: ['central'] };

    test('get and patch of the named object are enough', async () => {
      await putConfigMap({ [key]: 'old' });
      await admin.allow(namespace, [{ verbs: ['get', 'patch'], ...named }]);
      await write(await read(configMap()), 'new', ['federate']);
    });

    test.each([
      ['get', ['patch']],
      ['patch', ['get']],
    ])('without %s it is forbidden, and says so', async (verb, verbs) => {
      await putConfigMap({ [key]: 'old' });
      const snapshot = await read(configMap());
      await admin.allow(namespace, [{ verbs, ...named }]);
      const sent = verb === 'get' ? read(configMap()) : write(snapshot, 'new');
      const fault = await faultOf(sent);
      expect(fault).toMatchObject({ code: 'kubernetes-forbidden', retryable: false });
      expect(fault.message).toContain(`${verb} configmap/${namespace}/central`);
    });

    test('without create an object is not created', async () => {
      await admin.allow(namespace, [{ verbs: ['get', 'patch'], ...named }]);
      const snapshot = await read(configMap(), true);
      const fault = await faultOf(write(snapshot, 'new'));
      expect(fault).toMatchObject({ code: 'kubernetes-forbidden' });
    });

    test('unknown credentials are refused after one new sign-in', async () => {
      const access = accessTo(server, 'wrong-token');
      const own = new KubernetesClient(access, quick);
      const stranger = new KubernetesObjects(own);
      const fault = await faultOf(stranger.read(configMap(), { create: true }, run));
      own.close();
      expect(fault).toMatchObject({ code: 'kubernetes-unauthorized', retryable: false });
      expect(access.renewals).toBe(1);
    });
  });

  describe('any request', () => {
    test('reports what a user may do', async () => {
      const spec = {
        resourceAttributes: { namespace, verb: 'patch', resource: 'configmaps', name: 'central' },
      };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const kind = 'SelfSubjectAccessReview';
      const ask = () =>
        client.request('POST', path, run, {
          apiVersion: 'authorization.k8s.io/v1',
          kind,
          spec,
        });
      expect(await ask()).toMatchObject({ kind, status: { allowed: true } });
      await admin.allow(namespace, []);
      expect(await ask()).toMatchObject({ kind, status: { allowed: false } });
    });
  });
}
