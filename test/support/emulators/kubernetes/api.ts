import type { WireRequest, WireResponse } from '../wire/server.ts';
import { applied, missing } from './apply.ts';
import { ANONYMOUS, type Attributes, Rbac, type User } from './authorization.ts';
import { Objects, type Write } from './objects.ts';
import { attributesOf, parsePath, type Target, verbOf } from './path.ts';
import {
  checkAccept,
  checkPatchType,
  isApply,
  objectOf,
  parseBody,
  patchedObject,
  selects,
  writeOptions,
} from './request.ts';
import {
  apiVersionOf,
  type KubeObject,
  RESOURCE_TYPES,
  type ResourceType,
  resourceType,
} from './resources.ts';
import { review } from './reviews.ts';
import {
  ApiError,
  defaultRefusal,
  json,
  MAX_BODY_BYTES,
  noSuchPath,
  statusResponse,
  unauthorized,
} from './status.ts';
import { ObjectStore } from './store.ts';

const VERSION = { major: '1', minor: '37', gitVersion: 'v1.37.2' };

const NOT_FOUND: WireResponse = {
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '404 page not found\n',
};

/** Whom a bearer token stands for; undefined: unknown. */
export type Authenticator = (token: string) => User | undefined;

/** Answers what the API server forwards to a service. `path` begins with a slash. */
export type Backend = (request: {
  method: string;
  path: string;
  query: URLSearchParams;
}) => WireResponse;

/** kube-apiserver's way with a request: authenticate, authorize, then read or write objects. */
export class Api {
  readonly store = new ObjectStore();
  readonly objects = new Objects(this.store);
  readonly rbac = new Rbac(this.store);
  readonly authenticators: Authenticator[] = [];
  /** By `namespace/name:port`. */
  readonly backends = new Map<string, Backend>();

  operation({ method, path, query }: WireRequest): string {
    const target = parsePath(path);
    return target ? `${verbOf(method, target, query)} ${target.resource}` : `${method} ${path}`;
  }

  answer(request: WireRequest): WireResponse {
    try {
      return this.#answer(request);
    } catch (error) {
      if (error instanceof ApiError) return statusResponse(error);
      throw error;
    }
  }

  #answer(request: WireRequest): WireResponse {
    const { method, path, body } = request;
    const user = this.#authenticate(request);
    const target = parsePath(path);
    this.#authorize(user, request, target);
    if (method === 'GET' && path === '/version') return json(200, VERSION);
    if (!target) return servedGroup(path) ?? NOT_FOUND;
    checkAccept(request);
    if (body.length > MAX_BODY_BYTES) throw defaultRefusal(413);
    const type = resourceType(target.group, target.resource);
    if (!type && method === 'POST' && target.group.endsWith('.k8s.io')) {
      const asked = parseBody(request, target.resource);
      const reviewed = review(target.resource, asked, user, this.rbac);
      if (reviewed) return reviewed;
    }
    if (!type) throw noSuchPath();
    const namespace = type.namespaced ? target.namespace : undefined;
    if (target.subresource !== undefined) {
      return this.#subresource(type, { ...target, subresource: target.subresource }, request, user);
    }
    if (target.name === undefined) return this.#collection(type, namespace, request, user);
    return this.#one(type, namespace, target.name, request, user);
  }

  #collection(
    type: ResourceType,
    namespace: string | undefined,
    request: WireRequest,
    user: User,
  ): WireResponse {
    if (request.method === 'GET') return this.#list(type, namespace, request);
    if (request.method !== 'POST' || (type.namespaced && namespace === undefined)) {
      throw notAllowed();
    }
    const write = { ...writeOptions(request), user };
    const { object, warnings } = objectOf(type, request);
    return json(201, this.objects.create(type, namespace, object, write), warnings);
  }

  /** The status of a pod, and the proxy of a service. */
  #subresource(
    type: ResourceType,
    { namespace = '', name = '', subresource }: Target & { subresource: string },
    request: WireRequest,
    user: User,
  ): WireResponse {
    if (type.kind === 'Service' && subresource === 'proxy') {
      return this.#proxied(namespace, name, request);
    }
    if (type.kind !== 'Pod' || subresource !== 'status') throw noSuchPath();
    if (request.method !== 'PATCH') throw notAllowed();
    checkPatchType(request);
    const write: Write = { ...writeOptions(request), user };
    let warnings = {};
    const object = this.objects.update(type, namespace, name, write, (before) => {
      const given = patchedObject(type, before, request);
      warnings = given.warnings;
      // What a pod runs does not change by its status.
      return { ...given.object, spec: before.spec };
    });
    return json(200, object, warnings);
  }

  #proxied(namespace: string, segment: string, { method, path, query }: WireRequest): WireResponse {
    const name = segment.replace(/^https:/, '').replace(/:[^:]*$/, '');
    const services = resourceType('', 'services') as ResourceType;
    const { spec } = this.objects.read(services, namespace, name) as {
      spec?: { ports?: readonly { port: number }[] };
    };
    const port = Number(segment.replace(/^.*:/, ''));
    if (port > 0 && !spec?.ports?.some((one) => one.port === port)) {
      const message = `no service port ${port} found for service ${JSON.stringify(name)}`;
      throw new ApiError(503, 'ServiceUnavailable', message, {});
    }
    const backend = this.backends.get(`${namespace}/${segment}`);
    if (!backend) {
      const message = `no endpoints available for service ${JSON.stringify(name)}`;
      throw new ApiError(503, 'ServiceUnavailable', message, {});
    }
    return backend({ method, path: path.replace(/^.*?\/proxy(?=\/|$)/, '') || '/', query });
  }

  #one(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    request: WireRequest,
    user: User,
  ): WireResponse {
    if (request.method === 'GET') {
      return json(200, this.objects.read(type, namespace, name));
    }
    if (isApply(request)) return this.#apply(type, namespace, name, request, user);
    if (request.method === 'PATCH') checkPatchType(request);
    const write: Write = { ...writeOptions(request), user };
    switch (request.method) {
      case 'PUT': {
        const { object, warnings } = objectOf(type, request);
        return json(
          200,
          this.objects.update(type, namespace, name, write, () => object),
          warnings,
        );
      }
      case 'PATCH': {
        let warnings = {};
        const object = this.objects.update(type, namespace, name, write, (before) => {
          const given = patchedObject(type, before, request);
          warnings = given.warnings;
          return given.object;
        });
        return json(200, object, warnings);
      }
      case 'DELETE':
        return this.#delete(type, namespace, name, request, write);
      default:
        throw notAllowed();
    }
  }

  /** An apply to an object that does not exist creates it, which is a right of its own. */
  #apply(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    request: WireRequest,
    user: User,
  ): WireResponse {
    const write = { ...writeOptions(request), user };
    const { object: patch } = objectOf(type, { ...request, headers: {} });
    const before = this.store.get(type.name, namespace, name);
    if (!before) {
      const { object, owned } = missing(type, patch, write.manager, this.objects.now());
      const asked = { group: type.group, resource: type.name, ...(namespace && { namespace }) };
      const right = { verb: 'create', name, ...asked };
      if (!this.rbac.allows(user, right).allowed) throw forbidden(user, right);
      return json(201, this.objects.create(type, namespace, object, { ...write, owned }));
    }
    const { object, owned } = applied(before, patch, write.manager, this.objects.now());
    return json(
      200,
      this.objects.update(type, namespace, name, { ...write, owned }, () => object),
    );
  }

  #list(type: ResourceType, namespace: string | undefined, request: WireRequest): WireResponse {
    const { query } = request;
    if (verbOf('GET', { group: '', resource: '' }, query) === 'watch') throw notAllowed();
    const items = this.store
      .list(type.name, namespace)
      .filter((one) => selects(query.get('fieldSelector'), (field) => fieldOf(one, field)))
      .filter((one) => selects(query.get('labelSelector'), (key) => one.metadata.labels?.[key]));
    const { page, metadata } = pageOf(items, query);
    return json(200, {
      kind: `${type.kind}List`,
      apiVersion: apiVersionOf(type),
      metadata: { resourceVersion: this.store.revision, ...metadata },
      // Items of a list carry neither kind nor apiVersion.
      items: page.map(({ kind, apiVersion, ...item }) => item),
    });
  }

  #delete(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    request: WireRequest,
    write: Write,
  ): WireResponse {
    const options = (request.body.length === 0 ? {} : parseBody(request, 'DeleteOptions')) as {
      preconditions?: { uid?: string; resourceVersion?: string };
      dryRun?: string[];
    };
    const dryRun = write.dryRun || options.dryRun?.includes('All') === true;
    const how = { ...write, dryRun };
    const gone = this.objects.delete(type, namespace, name, how, options.preconditions);
    const { group } = type;
    const details = {
      name,
      ...(group === '' ? {} : { group }),
      kind: type.name,
      uid: gone.metadata.uid,
    };
    return json(200, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details,
    });
  }

  #authenticate({ headers }: WireRequest): User {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return ANONYMOUS;
    for (const authenticator of this.authenticators) {
      const user = authenticator(token);
      if (user) return { ...user, groups: [...user.groups, 'system:authenticated'] };
    }
    throw unauthorized();
  }

  #authorize(user: User, { method, path, query }: WireRequest, target: Target | undefined): void {
    const attributes: Attributes = target
      ? attributesOf(target, method, query)
      : { verb: method.toLowerCase(), group: '', resource: '', path };
    if (this.rbac.allows(user, attributes).allowed) return;
    throw forbidden(user, attributes);
  }
}

/** Discovery of a group's version: `/apis/monitoring.coreos.com/v1alpha1`. */
function servedGroup(path: string): WireResponse | undefined {
  const [, group, version] = /^\/apis\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const served = RESOURCE_TYPES.filter((one) => one.group === group && one.version === version);
  if (served.length === 0) return undefined;
  const resources = served.map(({ name, kind, namespaced }) => ({ name, kind, namespaced }));
  return json(200, { kind: 'APIResourceList', groupVersion: `${group}/${version}`, resources });
}

function forbidden({ name: user }: User, asked: Attributes): ApiError {
  const { verb, group, resource, namespace, name, path } = asked;
  const who = `User ${JSON.stringify(user)} cannot ${verb}`;
  if (path !== undefined) {
    return new ApiError(403, 'Forbidden', `forbidden: ${who} path ${JSON.stringify(path)}`, {});
  }
  const where =
    namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const qualified = group === '' ? resource : `${resource}.${group}`;
  const what = name === undefined ? qualified : `${qualified} "${name}"`;
  return new ApiError(
    403,
    'Forbidden',
    `${what} is forbidden: ${who} resource "${resource}" in API group "${group}" ${where}`,
    {
      ...(name === undefined ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: resource,
    },
  );
}

function notAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** Field selectors: `metadata.name`, `type`, `involvedObject.name` … */
function fieldOf(object: KubeObject, field: string): string | undefined {
  const value = field
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], object);
  return value === undefined ? undefined : String(value);
}

/** ?limit= and ?continue=: the token is the place after the last item, as in etcd's order. */
function pageOf(items: readonly KubeObject[], query: URLSearchParams) {
  const key = ({ metadata: { namespace = '', name = '' } }: KubeObject) => `${namespace}/${name}`;
  const after = Buffer.from(query.get('continue') ?? '', 'base64').toString();
  const rest = items.filter((item) => key(item) > after).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const limit = Number(query.get('limit') ?? 0) || rest.length;
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const more = last && rest.length > limit;
  return { page, metadata: more ? { continue: Buffer.from(key(last)).toString('base64') } : {} };
}
