import { randomBytes } from 'node:crypto';
import { type KubeUser, kubeconfig } from '../parts/kubeconfig.ts';
import type { Faults } from './faults.ts';
import { Api, type Authenticator, type Backend } from './kubernetes/api.ts';
import type { User } from './kubernetes/authorization.ts';
import type { Admission, Objects } from './kubernetes/objects.ts';
import { type KubeObject, typeOfKind } from './kubernetes/resources.ts';
import { ApiError, defaultRefusal, statusResponse } from './kubernetes/status.ts';
import { issueServerCertificate } from './wire/certificate.ts';
import { type Part, type ServeOptions, type Server, serve } from './wire/server.ts';

interface Grant {
  /** Without one: in all namespaces. */
  readonly namespace?: string;
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  /** Names of the only objects meant. */
  readonly names?: readonly string[];
  /** Default: the core group. */
  readonly apiGroups?: readonly string[];
}

/** A Kubernetes API server over TLS, and its objects, users and rights for tests to set up. */
export interface Kubernetes extends Server {
  readonly faults: Faults;
  /** PEM of the authority that signed the server's certificate. */
  readonly certificateAuthority: string;
  /** In the group system:masters. */
  readonly adminToken: string;
  /** A kubeconfig's text; the administrator's when no user is given. */
  kubeconfig(user?: KubeUser, namespace?: string): string;
  /** Registers a user and returns the bearer token (a fresh one by default). */
  addUser(user: { name: string; groups?: readonly string[]; token?: string }): string;
  /** Asked, in turn, about tokens that no user has. */
  readonly authenticators: Authenticator[];
  /** Gives a user (or `{ group }`) rights, through a Role and a RoleBinding, or their cluster-wide likes. */
  grant(subject: string | { readonly group: string }, ...grants: Grant[]): void;
  /** Creates or replaces, with the manager `emulator`. Namespaces are made as needed. Returns what is stored. */
  put(object: Partial<KubeObject> & Pick<KubeObject, 'kind' | 'metadata'>): KubeObject;
  /** A copy, or undefined. */
  get(kind: string, namespace: string | undefined, name: string): KubeObject | undefined;
  delete(kind: string, namespace: string | undefined, name: string): void;
  /** Sets what a service's port answers through the proxy, as `name:port`; undefined: nothing is behind it. */
  serve(namespace: string, segment: string, backend: Backend | undefined): void;
  /** Looks at each write and throws to refuse it: webhookDenial(..), quotaExceeded(..). */
  admit(admission: Admission | undefined): void;
  /** The clock of timestamps and managed fields. */
  setClock(now: Objects['now']): void;
}

export interface KubernetesOptions extends Omit<ServeOptions, 'tls'> {
  /** For the call log: whose access key a token carries. */
  readonly accessKeyOf?: (token: string) => string | undefined;
}

const MASTER: User = { name: 'kubernetes-admin', groups: ['system:masters'] };
const RBAC = 'rbac.authorization.k8s.io';

export async function startKubernetes(options: KubernetesOptions = {}): Promise<Kubernetes> {
  const api = new Api();
  const { authority, server: tls } = issueServerCertificate();
  const users = new Map<string, User>();
  const adminToken = randomBytes(16).toString('hex');
  users.set(adminToken, MASTER);
  api.authenticators.push((token) => users.get(token));

  const part: Part = {
    describe(request) {
      const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
      const accessKeyId = options.accessKeyOf?.(token);
      return {
        service: 'kubernetes',
        operation: api.operation(request),
        ...(accessKeyId === undefined ? {} : { accessKeyId }),
      };
    },
    answer: (request) => api.answer(request),
    refuse(_, { status, code, message, headers }) {
      const usual = defaultRefusal(status);
      const response = statusResponse(
        new ApiError(status, code ?? usual.reason, message ?? usual.message, usual.details),
      );
      return { ...response, headers: { ...response.headers, ...headers } };
    },
  };
  const server = await serve(part, { ...options, tls: { key: tls.key, cert: tls.certificate } });

  const write = { manager: 'emulator', user: MASTER, dryRun: false };
  const put: Kubernetes['put'] = (given) => {
    const type = typeOfKind(given.kind);
    const object = structuredClone(given) as KubeObject;
    object.apiVersion ??= type.group === '' ? type.version : `${type.group}/${type.version}`;
    const { name = '' } = object.metadata;
    const namespace = type.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
    if (namespace !== undefined) object.metadata.namespace = namespace;
    if (namespace !== undefined && !api.store.get('namespaces', undefined, namespace)) {
      put({ kind: 'Namespace', metadata: { name: namespace } });
    }
    const stored = api.store.get(type.name, namespace, name)
      ? api.objects.update(type, namespace, name, write, () => object)
      : api.objects.create(type, namespace, object, write);
    return structuredClone(stored);
  };
  put({ kind: 'Namespace', metadata: { name: 'default' } });
  let roles = 0;

  return Object.assign(server, {
    certificateAuthority: authority.certificate,
    adminToken,
    authenticators: api.authenticators,
    kubeconfig: (user: KubeUser = { token: adminToken }, namespace?: string) =>
      kubeconfig({
        server: server.url,
        certificateAuthority: authority.certificate,
        user,
        ...(namespace === undefined ? {} : { namespace }),
      }),
    addUser({ name, groups = [], token = randomBytes(16).toString('hex') }) {
      users.set(token, { name, groups });
      return token;
    },
    grant(subject, ...grants) {
      for (const { namespace, verbs, resources, names, apiGroups = [''] } of grants) {
        roles += 1;
        const prefix = namespace === undefined ? 'Cluster' : '';
        const metadata = { name: `granted-${roles}`, ...(namespace && { namespace }) };
        const rule = { verbs, apiGroups, resources, ...(names && { resourceNames: names }) };
        const [kind, name] =
          typeof subject === 'string' ? ['User', subject] : ['Group', subject.group];
        put({ kind: `${prefix}Role`, metadata, rules: [rule] });
        put({
          kind: `${prefix}RoleBinding`,
          metadata,
          roleRef: { apiGroup: RBAC, kind: `${prefix}Role`, name: metadata.name },
          subjects: [{ kind, name, apiGroup: RBAC }],
        });
      }
    },
    put,
    get(kind, namespace, name) {
      const found = api.store.get(typeOfKind(kind).name, namespace, name);
      return found && structuredClone(found);
    },
    delete: (kind, namespace, name) => api.store.delete(typeOfKind(kind).name, namespace, name),
    serve(namespace, segment, backend) {
      const name = segment.replace(/^https:/, '').replace(/:[^:]*$/, '');
      put({
        kind: 'Service',
        metadata: { namespace, name },
        spec: { ports: [{ port: Number(segment.replace(/^.*:/, '')) || 80 }] },
      });
      if (backend) api.backends.set(`${namespace}/${segment}`, backend);
      else api.backends.delete(`${namespace}/${segment}`);
    },
    admit(admission) {
      api.objects.admission = admission;
    },
    setClock(now) {
      api.objects.now = now;
    },
  } satisfies Omit<Kubernetes, keyof Server>);
}
