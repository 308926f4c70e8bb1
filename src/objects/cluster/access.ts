import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Run } from '../../records/records.ts';

/** A way into a cluster. */
export interface ClusterAccess {
  /** A KubeConfig whose `applyToHTTPSOptions` signs the next request. Throws `cluster-*` and `aws-*`. */
  config(run: Run): Promise<KubeConfig>;
  /** The API server refused the credentials: the next `config` gets new ones. */
  renew(): void;
  /** The API server is not where it was: the next `config` looks where it is. */
  lookAgain?(): void;
}

/** What a way in asks of its surroundings: KUBECONFIG and HOME, a pod's KUBERNETES_SERVICE_HOST and _PORT. */
export type ClusterEnvironment = Readonly<Record<string, string | undefined>>;
