import type { ObjectStore } from './store.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
}

/** A request for a resource, or (with `path`) for a URL. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly path?: string;
}

export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface Granted {
  readonly rule: Rule;
  /** As RBAC puts it in its reason. */
  readonly by: string;
}

/** What every user may do: kube-apiserver's system:basic-user, system:discovery and system:public-info-viewer. */
const EVERYBODY: readonly Rule[] = [
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  {
    verbs: ['create'],
    apiGroups: ['authentication.k8s.io'],
    resources: ['selfsubjectreviews'],
  },
  {
    verbs: ['get'],
    nonResourceURLs: [
      '/api',
      '/api/*',
      '/apis',
      '/apis/*',
      '/healthz',
      '/livez',
      '/openapi',
      '/openapi/*',
      '/readyz',
      '/version',
      '/version/',
    ],
  },
];
const ANYBODY: Rule = {
  verbs: ['get'],
  nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'],
};
const MASTER: readonly Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** RBAC over the Role, RoleBinding, ClusterRole and ClusterRoleBinding objects in the store. */
export class Rbac {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** `reason` names the binding that allows it. */
  allows(user: User, asked: Attributes): { allowed: boolean; reason?: string } {
    if (user.groups.includes('system:masters')) return { allowed: true };
    const granted = this.#granted(user, asked.namespace).find(({ rule }) => covers(rule, asked));
    return granted ? { allowed: true, reason: granted.by } : { allowed: false };
  }

  /** For SelfSubjectRulesReview. */
  rules(user: User, namespace: string): Rule[] {
    const masters = user.groups.includes('system:masters') ? MASTER : [];
    return [...masters, ...this.#granted(user, namespace).map(({ rule }) => rule)];
  }

  #granted(user: User, namespace: string | undefined): Granted[] {
    const builtIn = user.groups.includes('system:authenticated') ? EVERYBODY : [];
    const granted: Granted[] = [...builtIn, ANYBODY].map((rule) => ({ rule, by: '' }));
    const bindings = [
      ...this.#store.list('clusterrolebindings'),
      ...(namespace === undefined ? [] : this.#store.list('rolebindings', namespace)),
    ];
    for (const binding of bindings) {
      const subject = ((binding.subjects ?? []) as Subject[]).find((one) => isSubject(one, user));
      if (!subject) continue;
      const roleRef = binding.roleRef as { kind: string; name: string };
      const role =
        roleRef.kind === 'ClusterRole'
          ? this.#store.get('clusterroles', undefined, roleRef.name)
          : this.#store.get('roles', binding.metadata.namespace, roleRef.name);
      const { name, namespace: inside } = binding.metadata;
      const where = inside === undefined ? name : `${name}/${inside}`;
      const by = `RBAC: allowed by ${binding.kind} "${where}" of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${subject.name}"`;
      for (const rule of (role?.rules ?? []) as Rule[]) granted.push({ rule, by });
    }
    return granted;
  }
}

function isSubject({ kind, name, namespace }: Subject, user: User): boolean {
  if (kind === 'Group') return user.groups.includes(name);
  if (kind === 'ServiceAccount') return user.name === `system:serviceaccount:${namespace}:${name}`;
  return user.name === name;
}

function covers(rule: Rule, asked: Attributes): boolean {
  if (!has(rule.verbs, asked.verb)) return false;
  if (asked.path !== undefined) {
    const { path } = asked;
    return (rule.nonResourceURLs ?? []).some((url) =>
      url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : path === url,
    );
  }
  return (
    has(rule.apiGroups, asked.group) &&
    has(rule.resources, asked.resource) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(asked.name ?? ''))
  );
}

function has(list: readonly string[] | undefined, one: string): boolean {
  return list?.includes('*') || list?.includes(one) || false;
}
