import type { KubernetesRef } from '../location.ts';
import type { Run } from '../run.ts';
import type { Warning } from '../target.ts';

/** The annotation of a pod; the kubelet refreshes a pod's volumes when its annotations change. */
export const NUDGED = 'route53-federation-sync/nudged';

/** What came of a nudge. */
export interface Nudge {
  /** How many pods were nudged. */
  readonly pods: number;
  /** Why others were not; `nudge-failed`, `nudge-nobody`, `subpath-mount`. */
  readonly warnings: readonly Warning[];
}

/** The pods that mount objects. */
export interface Pods {
  /**
   * Makes the kubelet refresh the volumes of the running pods that mount this object, at once instead of within some
   * 90 s. It never throws: the object is written already.
   *
   * @param selector a label selector, for pods in the object's namespace
   * @param version any text that was not used before, such as the object's new version
   */
  nudge(object: KubernetesRef, selector: string, version: string, run: Run): Promise<Nudge>;
}
