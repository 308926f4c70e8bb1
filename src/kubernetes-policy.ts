import { type Settings, serviceSegment } from './job.ts';
import type { KubernetesRef } from './location.ts';
import { resourceOf } from './objects/kubernetes/resource.ts';
import { NUDGED } from './objects/pods.ts';

/*
 * The least that a sync needs in the cluster, computed from its settings: `federation-sync policy kubernetes` prints it.
 */

/** The subject of the RoleBinding: the access entry's group, or a CronJob's service account. */
export type Subject =
  | { readonly group: string }
  | { readonly serviceAccount: string; readonly namespace: string };

/**
 * For each namespace a Role and its RoleBinding, as a List for `kubectl apply -f -`: get and patch of exactly the
 * named objects; create, which Kubernetes cannot limit to a name, only where a place sets it. Where pods are nudged,
 * list of pods, patch of pods/status, and an admission policy that leaves nothing else of pods/status to this subject.
 */
export function kubernetesRole(
  settings: Settings,
  subject: Subject = { group: 'federation-sync' },
) {
  const rules = [...objectRules(settings), ...podRules(settings), ...proxyRules(settings)];
  // Named after its subject, so that two stages in one cluster do not replace each other's.
  const name = 'group' in subject ? subject.group : subject.serviceAccount;
  const namespaces = [...new Set(rules.map(({ namespace }) => namespace))].sort();
  const nudges = rules.some(({ rule }) => rule.resources.includes('pods/status'));
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      ...namespaces.flatMap((namespace) => {
        const here = rules.filter((one) => one.namespace === namespace).map(({ rule }) => rule);
        return [role(namespace, name, here), roleBinding(namespace, name, subject)];
      }),
      ...(nudges ? admissionPolicy(name, subject) : []),
    ],
  };
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface NamespacedRule {
  readonly namespace: string;
  readonly rule: Rule;
}

type WrittenObject = KubernetesRef & { readonly create: boolean };

/** The objects that lists are written to; files need no permission of a cluster. */
function writtenBy({ jobs }: Settings): WrittenObject[] {
  return jobs
    .flatMap(({ to }) => to)
    .flatMap(({ location, create }) => (location.kind === 'file' ? [] : { ...location, create }));
}

function objectRules(settings: Settings): NamespacedRule[] {
  const objects = writtenBy(settings);
  return [...Map.groupBy(objects, ({ namespace }) => namespace)].flatMap(([namespace, here]) =>
    (['configMap', 'secret', 'scrapeConfig'] as const).flatMap((kind) => {
      const written = here.filter((object) => object.kind === kind);
      if (written.length === 0) return [];
      const { group, plural } = resourceOf({ kind });
      const rule = { apiGroups: [group], resources: [plural] };
      const names = [...new Set(written.map(({ name }) => name))].sort();
      return [
        { namespace, rule: { ...rule, resourceNames: names, verbs: ['get', 'patch'] } },
        ...(written.some(({ create }) => create)
          ? [{ namespace, rule: { ...rule, verbs: ['create'] } }]
          : []),
      ];
    }),
  );
}

/** In the namespaces whose pods are nudged. The names of a Deployment's pods are not known, so it is all pods. */
function podRules({ jobs }: Settings): NamespacedRule[] {
  const places = jobs.flatMap(({ to }) => to).filter(({ nudge }) => nudge !== undefined);
  const namespaces = places.flatMap(({ location }) =>
    location.kind === 'file' ? [] : location.namespace,
  );
  return [...new Set(namespaces)].flatMap((namespace) => [
    { namespace, rule: { apiGroups: [''], resources: ['pods'], verbs: ['list'] } },
    { namespace, rule: { apiGroups: [''], resources: ['pods/status'], verbs: ['patch'] } },
  ]);
}

/** The servers that are reached through the API server; create is the POST of a reload. */
function proxyRules({ jobs }: Settings): NamespacedRule[] {
  const servers = jobs.flatMap(({ to }) => to.flatMap((place) => place.servers));
  const services = servers.filter((server) => 'service' in server);
  const rules = [
    ['get', services],
    ['create', services.filter(({ reload }) => reload)],
  ] as const;
  return rules.flatMap(([verb, all]) =>
    [...Map.groupBy(all, ({ service }) => service.namespace)].map(([namespace, here]) => ({
      namespace,
      rule: {
        apiGroups: [''],
        resources: ['services/proxy'],
        resourceNames: [...new Set(here.map(serviceSegment))].sort(),
        verbs: [verb],
      },
    })),
  );
}

function role(namespace: string, name: string, rules: readonly Rule[]) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name, namespace },
    rules,
  };
}

function roleBinding(namespace: string, name: string, subject: Subject) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [
      'group' in subject
        ? { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: subject.group }
        : { kind: 'ServiceAccount', name: subject.serviceAccount, namespace: subject.namespace },
    ],
  };
}

/** The longest version of an object is far shorter. */
const LONGEST_VALUE = 64;

/**
 * pods/status can also change a pod's conditions, labels and finalizers. Of all of these this subject may change our
 * annotation only; nobody else is affected. Needs Kubernetes 1.30 (admissionregistration.k8s.io/v1).
 */
function admissionPolicy(name: string, subject: Subject) {
  const policy = `${name}-nudge`;
  const same = (field: string, empty: string) => {
    const of = (object: string) => `(has(${object}.${field}) ? ${object}.${field} : ${empty})`;
    return `${of('object')} == ${of('oldObject')}`;
  };
  const annotations = (object: string) =>
    `has(${object}.metadata.annotations) ? ${object}.metadata.annotations : {}`;
  const isOurs = `k == '${NUDGED}'`;
  const isSubject =
    'group' in subject
      ? `request.userInfo.groups.exists(g, g == '${subject.group}')`
      : `request.userInfo.username == 'system:serviceaccount:${subject.namespace}:${subject.serviceAccount}'`;
  const only = (what: string, expression: string) => ({
    expression,
    message: `${name} may change only the annotation ${NUDGED} of a pod, not its ${what}`,
  });
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: policy },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['UPDATE'],
              resources: ['pods/status'],
            },
          ],
        },
        matchConditions: [{ name: 'subject', expression: isSubject }],
        variables: [
          { name: 'after', expression: annotations('object') },
          { name: 'before', expression: annotations('oldObject') },
        ],
        validations: [
          only('status', same('status', '{}')),
          only('labels', same('metadata.labels', '{}')),
          only('finalizers', same('metadata.finalizers', '[]')),
          only(
            'other annotations',
            `variables.after.all(k, ${isOurs} || (k in variables.before && variables.before[k] == variables.after[k])) && variables.before.all(k, ${isOurs} || k in variables.after)`,
          ),
          {
            expression: `!('${NUDGED}' in variables.after) || size(variables.after['${NUDGED}']) <= ${LONGEST_VALUE}`,
            message: `${NUDGED} is longer than ${LONGEST_VALUE} characters`,
          },
        ],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: policy },
      spec: { policyName: policy, validationActions: ['Deny'] },
    },
  ];
}
