import type { WireResponse } from '../wire/server.ts';
import { apiVersionOf, RESOURCE_TYPES, type ResourceType } from './resources.ts';
import { json } from './status.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update'];
const REVIEWS: Record<string, Record<string, string>> = {
  'authorization.k8s.io': {
    selfsubjectaccessreviews: 'SelfSubjectAccessReview',
    selfsubjectrulesreviews: 'SelfSubjectRulesReview',
  },
  'authentication.k8s.io': { selfsubjectreviews: 'SelfSubjectReview' },
};
const GROUPS = [
  ...new Set(RESOURCE_TYPES.map(({ group }) => group).filter(Boolean)),
  ...Object.keys(REVIEWS),
];

const VERSION = {
  major: '1',
  minor: '37',
  gitVersion: 'v1.37.2',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go1.26.8',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** What a client asks before it knows the resources; undefined: not one of these paths. */
export function discover(path: string, address: string): WireResponse | undefined {
  if (/^\/(healthz|livez|readyz)$/.test(path)) return text(200, 'ok');
  if (path === '/version' || path === '/version/') return json(200, VERSION);
  if (path === '/api' || path === '/api/') {
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
    return json(200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs });
  }
  if (path === '/apis' || path === '/apis/') {
    return json(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: GROUPS.map(apiGroup) });
  }
  if (path === '/api/v1') return json(200, resourceList('', 'v1'));
  const group = /^\/apis\/([^/]+)(\/v1)?$/.exec(path);
  if (group?.[1] && GROUPS.includes(group[1])) {
    return group[2]
      ? json(200, resourceList(group[1], `${group[1]}/v1`))
      : json(200, { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group[1]) });
  }
  return openApi(path);
}

function apiGroup(name: string) {
  const version = { groupVersion: `${name}/v1`, version: 'v1' };
  return { name, versions: [version], preferredVersion: version };
}

function resourceList(group: string, groupVersion: string) {
  const kept = RESOURCE_TYPES.filter((type) => type.group === group).map((type) => ({
    name: type.name,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: VERBS,
    ...(type.shortNames?.length ? { shortNames: type.shortNames } : {}),
  }));
  const reviews = Object.entries(REVIEWS[group] ?? {}).map(([name, kind]) => ({
    name,
    singularName: kind.toLowerCase(),
    namespaced: false,
    kind,
    verbs: ['create'],
  }));
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: [...kept, ...reviews],
  };
}

/**
 * As much OpenAPI v3 as kubectl looks for: that the server validates fields itself, so that kubectl need not. Without
 * it `kubectl create` and `apply` refuse to go on.
 */
function openApi(path: string): WireResponse | undefined {
  const served = ['api/v1', ...GROUPS.map((group) => `apis/${group}/v1`)];
  if (path === '/openapi/v3') {
    const paths = served.map((one) => [one, { serverRelativeURL: `/openapi/v3/${one}?hash=0` }]);
    return json(200, { paths: Object.fromEntries(paths) });
  }
  const one = served.find((name) => path === `/openapi/v3/${name}`);
  if (one === undefined) return undefined;
  const types = RESOURCE_TYPES.filter((type) => one === pathOf(type));
  return json(200, {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: VERSION.gitVersion },
    paths: Object.fromEntries(types.map(patchOperation)),
    components: { schemas: {} },
  });
}

function pathOf(type: ResourceType): string {
  return `${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`;
}

function patchOperation(type: ResourceType) {
  const inside = type.namespaced ? 'namespaces/{namespace}/' : '';
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  }));
  const { group, version, kind } = type;
  const patch = {
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters,
    responses: { 200: { description: 'OK' } },
  };
  return [`/${pathOf(type)}/${inside}${type.name}/{name}`, { patch }];
}

export function text(status: number, body: string): WireResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
