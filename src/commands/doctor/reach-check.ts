import { asFault } from '../../fault.ts';
import { type Place, serviceSegment } from '../../job.ts';
import type { KubernetesClient } from '../../objects/kubernetes/client.ts';
import { KubernetesPods } from '../../objects/kubernetes/pods.ts';
import type { Run } from '../../run.ts';
import { type Finding, failure, fromError, ok, warning } from './finding.ts';
import type { Right, Rights } from './rights-check.ts';

const REMEDY =
  'Grant exactly what is needed: federation-sync policy kubernetes | kubectl apply -f -';

/** Whether pods can be nudged and servers behind services be queried, and no more than that. */
export async function checkReach(
  places: readonly Place[],
  client: KubernetesClient,
  rights: Rights,
  run: Run,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const nudges = new Map<string, { namespace: string; selector: string }>();
  for (const { location, nudge } of places) {
    if (nudge === undefined || location.kind === 'file') continue;
    const { namespace } = location;
    nudges.set(`${namespace} ${nudge}`, { namespace, selector: nudge });
  }
  const namespaces = new Set([...nudges.values()].map(({ namespace }) => namespace));
  for (const namespace of namespaces) {
    findings.push(
      await checkRights(`pods in ${namespace}`, rights, [
        { verb: 'list', resource: 'pods', namespace },
        { verb: 'patch', resource: 'pods/status', namespace },
      ]),
    );
  }
  for (const nudge of nudges.values()) findings.push(await checkPolicy(nudge, client, run));
  const services = new Map<string, readonly Right[]>();
  for (const server of places.flatMap((place) => place.servers)) {
    if (!('service' in server)) continue;
    const { namespace } = server.service;
    const name = serviceSegment(server);
    const right = { resource: 'services/proxy', namespace, name };
    const verbs = server.reload ? ['get', 'create'] : ['get'];
    services.set(
      `service/${namespace}/${name}`,
      verbs.map((verb) => ({ ...right, verb })),
    );
  }
  for (const [about, needed] of services) findings.push(await checkRights(about, rights, needed));
  return findings;
}

async function checkRights(
  about: string,
  rights: Rights,
  needed: readonly Right[],
): Promise<Finding> {
  const text = needed.map(({ verb, resource }) => `${verb} of ${resource}`);
  try {
    const answers = await Promise.all(needed.map((right) => rights.may(right)));
    const missing = text.filter((_, i) => !answers[i]);
    if (missing.length === 0) return ok(about, `RBAC allows ${text.join(', ')}`);
    return failure(about, `RBAC does not allow ${missing.join(', ')}`, REMEDY);
  } catch (error) {
    return fromError(about, error);
  }
}

/**
 * Whether the admission policy is in force: a dry run of what it denies. To read policies would need a permission
 * that a sync has no use for.
 */
async function checkPolicy(
  { namespace, selector }: { readonly namespace: string; readonly selector: string },
  client: KubernetesClient,
  run: Run,
): Promise<Finding> {
  const about = `pods ${selector} in ${namespace}`;
  try {
    const probed = await new KubernetesPods(client).probe(namespace, selector, run);
    switch (probed) {
      case 'denied':
        return ok(about, 'the admission policy allows nothing but the nudge');
      case 'allowed':
        return warning(
          about,
          'no admission policy limits patch of pods/status: labels, finalizers and conditions of pods could be changed, too',
          REMEDY,
        );
      case 'no-pod':
        return warning(
          about,
          'no running pod matches: nothing is nudged, and the admission policy was not checked',
          'Correct nudge.pods: kubectl get pods --show-labels',
        );
    }
  } catch (error) {
    const { code, message } = asFault(error);
    return warning(about, `the admission policy was not checked: ${code}: ${message}`, REMEDY);
  }
}
