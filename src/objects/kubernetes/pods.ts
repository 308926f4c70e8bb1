import { asFault, Fault } from '../../fault.ts';
import { type KubernetesRef, objectText } from '../../location.ts';
import type { Run } from '../../run.ts';
import type { Warning } from '../../target.ts';
import { count } from '../../wording.ts';
import { NUDGED, type Nudge, type Pods } from '../pods.ts';
import type { KubernetesClient } from './client.ts';
import { mountsOf, type Pod, subPathText } from './mounts.ts';
import { OURS } from './object.ts';

/** A pod is 5 to 20 kB of JSON. */
const PAGE = 250;
/** Patches at one time. */
const AT_ONCE = 10;

/**
 * Nudges pods through the API server. The annotation is sent to the subresource pods/status, which cannot change what a
 * pod runs; what else it could change is closed by the admission policy that `federation-sync policy` prints.
 */
export class KubernetesPods implements Pods {
  readonly #client: KubernetesClient;
  readonly #page: number;

  /** @param options.page pods in one answer */
  constructor(client: KubernetesClient, options: { readonly page?: number } = {}) {
    this.#client = client;
    this.#page = options.page ?? PAGE;
  }

  async nudge(object: KubernetesRef, selector: string, version: string, run: Run): Promise<Nudge> {
    try {
      return await this.#nudge(object, selector, version, run);
    } catch (error) {
      return { pods: 0, warnings: [failed(asFault(error))] };
    }
  }

  async #nudge(object: KubernetesRef, selector: string, version: string, run: Run): Promise<Nudge> {
    const pods = await this.#list(object.namespace, selector, run);
    const warnings: Warning[] = [];
    const names: string[] = [];
    for (const pod of pods) {
      // Init containers have ended, and read their volumes once.
      const mounts = mountsOf(pod, pod.spec.containers, object);
      const fixed = mounts.filter(({ isSubPath }) => isSubPath);
      for (const mount of fixed) {
        const message = `${subPathText(pod, mount)}. Mount the volume as a directory.`;
        warnings.push({ code: 'subpath-mount', message });
      }
      if (mounts.length > fixed.length) names.push(pod.metadata.name);
    }
    if (names.length === 0 && warnings.length === 0) {
      const where = `in namespace ${object.namespace} matches ${selector} and mounts ${objectText(object)}`;
      warnings.push({ code: 'nudge-nobody', message: `no running pod ${where}` });
    }
    const faults: Fault[] = [];
    let done = 0;
    for (let i = 0; i < names.length; i += AT_ONCE) {
      const batch = names.slice(i, i + AT_ONCE);
      const results = await Promise.all(
        batch.map((name) => this.#annotate(object.namespace, name, version, run)),
      );
      for (const result of results) {
        if (result instanceof Fault) faults.push(result);
        else if (result) done += 1;
      }
    }
    const [first] = faults;
    if (first) warnings.push(failed(first, faults.length));
    return { pods: done, warnings };
  }

  /** Whether we could change anything else by pods/status: a dry run of a label, on the first of these pods. */
  async probe(
    namespace: string,
    selector: string,
    run: Run,
  ): Promise<'allowed' | 'denied' | 'no-pod'> {
    const [pod] = await this.#list(namespace, selector, run);
    if (!pod) return 'no-pod';
    const call = {
      ...patchOf(
        namespace,
        pod.metadata.name,
        { labels: { [`${OURS}/probe`]: 'x' } },
        '&dryRun=All',
      ),
      to: `try a label of pod ${namespace}/${pod.metadata.name}`,
    };
    try {
      await this.#client.call(call, run);
      return 'allowed';
    } catch (error) {
      const fault = asFault(error);
      if (fault.code === 'kubernetes-refused') return 'denied';
      throw fault;
    }
  }

  /** All pages of the running pods that the selector matches. */
  async #list(namespace: string, selector: string, run: Run): Promise<Pod[]> {
    const pods: Pod[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const query = new URLSearchParams({
        labelSelector: selector,
        fieldSelector: 'status.phase=Running',
        limit: `${this.#page}`,
        ...(next && { continue: next }),
      });
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query}`;
      const to = `list the pods ${selector} in ${namespace}`;
      const page = (await this.#client.call(
        { method: 'GET', path, to, safeToRepeat: true },
        run,
      )) as Partial<PodList>;
      if (!Array.isArray(page.items)) {
        throw new Fault('kubernetes-unavailable', `could not ${to}: the answer is not a list`);
      }
      pods.push(...page.items);
      next = page.metadata?.continue || undefined;
    }
    return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** Undefined: the pod has gone. */
  async #annotate(
    namespace: string,
    name: string,
    version: string,
    run: Run,
  ): Promise<true | undefined | Fault> {
    const call = {
      ...patchOf(namespace, name, { annotations: { [NUDGED]: version } }),
      to: `nudge pod ${namespace}/${name}`,
    };
    try {
      await this.#client.call(call, run);
      return true;
    } catch (error) {
      const fault = asFault(error);
      return fault.code === 'object-missing' ? undefined : fault;
    }
  }
}

function patchOf(namespace: string, name: string, metadata: object, query = '') {
  const pod = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
  return {
    method: 'PATCH',
    path: `${pod}/status?fieldManager=${OURS}${query}`,
    body: { metadata },
    contentType: 'application/merge-patch+json',
    // Twice is as good as once.
    safeToRepeat: true,
  } as const;
}

interface PodList {
  readonly items: readonly Pod[];
  readonly metadata?: { readonly continue?: string };
}

function failed({ code, message }: Fault, pods = 0): Warning {
  const remedy =
    code === 'kubernetes-forbidden'
      ? ' Grant list of pods and patch of pods/status: federation-sync policy kubernetes.'
      : '';
  const all = pods > 1 ? ` (and for ${count(pods - 1, 'other pod')})` : '';
  return {
    code: 'nudge-failed',
    message: `${message}${all}; the list arrives with the kubelet's own sync, some 90 s later at most.${remedy}`,
  };
}
