import { type KubernetesRef, objectText } from '../../location.ts';
import type { KubernetesClient } from '../../objects/kubernetes/client.ts';
import { resourceOf } from '../../objects/kubernetes/resource.ts';
import type { Run } from '../../run.ts';
import { type Finding, failure, fromError, ok, warning } from './finding.ts';

/** An object that the settings name. */
export type NamedObject = KubernetesRef & {
  /** A place has create: true. */
  readonly create: boolean;
};

/** A right, as in a Role; without a name: on all objects. */
export interface Right {
  readonly verb: string;
  /** As `pods` or `pods/status`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly group?: string;
}

const NEEDED = ['get', 'patch'];
/** Verbs that a sync never uses. */
const NEVER = ['list', 'watch', 'create', 'update', 'delete', 'deletecollection'];
const REMEDY =
  'Grant exactly what is needed: federation-sync policy kubernetes | kubectl apply -f -, and bind it to this user or group. If the name is wrong, correct it in the settings.';

/** Checks with SelfSubjectAccessReview that we have the rights that are needed, and only those. */
export class Rights {
  readonly #client: KubernetesClient;
  readonly #run: Run;

  constructor(client: KubernetesClient, run: Run) {
    this.#client = client;
    this.#run = run;
  }

  async may({ verb, resource, namespace, name, group }: Right): Promise<boolean> {
    const [kind, subresource] = resource.split('/');
    const resourceAttributes = { verb, resource: kind, subresource, namespace, name, group };
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const answer = (await this.#client.request('POST', path, this.#run, body)) as {
      status?: { allowed?: boolean };
    };
    return answer.status?.allowed === true;
  }

  async check(objects: readonly NamedObject[]): Promise<Finding[]> {
    try {
      const needed: Finding[] = [];
      for (const object of objects) needed.push(await this.#needed(object));
      if (await this.may({ verb: '*', resource: '*', group: '*' })) {
        const message = 'we have all rights in this cluster';
        return [...needed, warning('RBAC', message, REMEDY)];
      }
      return [...needed, ...(await this.#excess(objects))];
    } catch (error) {
      return [fromError('RBAC', error)];
    }
  }

  async #needed(object: NamedObject): Promise<Finding> {
    const { namespace, name, create } = object;
    const about = objectText(object);
    const { plural: resource, group } = resourceOf(object);
    const right = { resource, group, namespace };
    const missing = await this.#granted(NEEDED, { ...right, name }, false);
    if (create) missing.push(...(await this.#granted(['create'], right, false)));
    const verbs = create ? [...NEEDED, 'create'] : NEEDED;
    if (missing.length === 0) return ok(about, `RBAC allows ${verbs.join(', ')}`);
    return failure(about, `RBAC does not allow ${missing.join(', ')}`, REMEDY);
  }

  /** One finding for all rights that are not needed: on any object of a namespace, and on the object itself. */
  async #excess(objects: readonly NamedObject[]): Promise<Finding[]> {
    const extra: string[] = [];
    const groups = Map.groupBy(objects, (one) => `${one.kind} ${one.namespace}`);
    for (const same of groups.values()) {
      const [{ namespace } = { namespace: '' }] = same;
      const { plural: resource, group } = resourceOf(same[0] as NamedObject);
      const needed = same.some(({ create }) => create) ? ['create'] : [];
      const verbs = [...NEEDED, ...NEVER].filter((verb) => !needed.includes(verb));
      const all = await this.#granted(verbs, { resource, group, namespace }, true);
      if (all.length > 0) extra.push(`${all.join(', ')} on all ${resource} in ${namespace}`);
      for (const object of same) {
        const rest = NEVER.filter((verb) => verb !== 'create' && !all.includes(verb));
        const named = { resource, group, namespace, name: object.name };
        const own = await this.#granted(rest, named, true);
        if (own.length > 0) extra.push(`${own.join(', ')} on ${objectText(object)}`);
      }
    }
    if (extra.length === 0)
      return objects.length > 0 ? [ok('RBAC', 'allows no more than needed')] : [];
    return [warning('RBAC', `allows more than needed: ${extra.join('; ')}`, REMEDY)];
  }

  async #granted(
    verbs: readonly string[],
    right: Omit<Right, 'verb'>,
    granted: boolean,
  ): Promise<string[]> {
    const answers = await Promise.all(verbs.map((verb) => this.may({ ...right, verb })));
    return verbs.filter((_, i) => answers[i] === granted);
  }
}
