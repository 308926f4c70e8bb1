import type { WireResponse } from '../wire/server.ts';
import type { Rbac, User } from './authorization.ts';
import type { Json } from './patches.ts';
import { invalid, json } from './status.ts';

interface ReviewSpec {
  resourceAttributes?: {
    namespace?: string;
    verb?: string;
    group?: string;
    resource?: string;
    subresource?: string;
    name?: string;
  };
  nonResourceAttributes?: { path?: string; verb?: string };
  namespace?: string;
}

/** Who may the caller be and do; undefined: no review of that name. */
export function review(
  resource: string,
  body: Json,
  user: User,
  rbac: Rbac,
): WireResponse | undefined {
  const { spec = {} } = (body ?? {}) as { spec?: ReviewSpec };
  if (resource === 'selfsubjectaccessreviews') return accessReview(spec, user, rbac);
  if (resource === 'selfsubjectrulesreviews') return rulesReview(spec, user, rbac);
  if (resource !== 'selfsubjectreviews') return undefined;
  const { name: username, uid, groups } = user;
  return json(201, {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: new Date().toISOString().replace(/\.\d+/, '') },
    status: { userInfo: { username, ...(uid === undefined ? {} : { uid }), groups } },
  });
}

function accessReview(spec: ReviewSpec, user: User, rbac: Rbac): WireResponse {
  const { resourceAttributes: resource, nonResourceAttributes: url } = spec;
  if ((resource === undefined) === (url === undefined)) {
    throw invalid(
      '',
      '',
      [
        {
          reason: 'FieldValueInvalid',
          message: `Invalid value: ${resource ? '{}' : 'null'}: exactly one of nonResourceAttributes or resourceAttributes must be specified`,
          field: 'spec',
        },
      ],
      'authorization.k8s.io',
    );
  }
  const { allowed, reason } = rbac.allows(user, {
    verb: resource?.verb ?? url?.verb ?? '',
    group: resource?.group ?? '',
    resource: [resource?.resource ?? '', resource?.subresource].filter(Boolean).join('/'),
    ...(resource?.namespace ? { namespace: resource.namespace } : {}),
    ...(resource?.name ? { name: resource.name } : {}),
    ...(url ? { path: url.path ?? '' } : {}),
  });
  return json(201, {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec,
    status: { allowed, ...(reason ? { reason } : {}) },
  });
}

function rulesReview({ namespace = '' }: ReviewSpec, user: User, rbac: Rbac): WireResponse {
  const rules = rbac.rules(user, namespace);
  return json(201, {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {},
    status: {
      resourceRules: rules.filter((rule) => !rule.nonResourceURLs),
      nonResourceRules: rules.filter((rule) => rule.nonResourceURLs),
      incomplete: false,
    },
  });
}
