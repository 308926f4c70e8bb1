import type { Attributes } from './authorization.ts';

/** A URL of the API, taken apart. */
export interface Target {
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** undefined: not below /api/v1 or /apis/GROUP/v1, or without a resource. */
export function parsePath(path: string): Target | undefined {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const [root, first, second] = parts;
  const core = root === 'api' && first === 'v1';
  if (!core && !(root === 'apis' && /^v1(alpha1)?$/.test(second ?? ''))) return undefined;
  const group = core ? '' : (first ?? '');
  const rest = parts.slice(core ? 2 : 3).filter((part) => part !== '');
  if (rest[0] === 'namespaces' && rest.length >= 3) {
    const [, namespace, resource = '', name, subresource] = rest;
    return target({ group, resource, namespace, name, subresource });
  }
  const [resource, name, subresource] = rest;
  if (resource === undefined) return undefined;
  // A namespace lies in itself, as far as RBAC is concerned.
  const namespace = resource === 'namespaces' ? name : undefined;
  return target({ group, resource, namespace, name, subresource });
}

function target(parts: {
  group: string;
  resource: string;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
}): Target {
  const present = Object.entries(parts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as unknown as Target;
}

/** RBAC's word for the request. */
export function verbOf(method: string, { name }: Target, query: URLSearchParams): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (query.get('watch') === 'true' || query.get('watch') === '1') return 'watch';
      return name === undefined ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      return method.toLowerCase();
  }
}

/** A list of one object by its name counts as that object. */
export function attributesOf(target: Target, method: string, query: URLSearchParams): Attributes {
  const { group, resource, namespace, subresource } = target;
  const selected = /(?:^|,)metadata\.name==?([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1];
  const name = target.name ?? selected;
  return {
    verb: verbOf(method, target, query),
    group,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}
