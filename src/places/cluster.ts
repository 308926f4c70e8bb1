import type { EKSClient } from '@aws-sdk/client-eks';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Run } from '../records/records.ts';
import { EksAccess, type EksCluster } from './eks.ts';
import { InClusterAccess, KubeconfigAccess } from './kubeconfig.ts';

/** Where the lists' objects live. */
export type Cluster =
  | { readonly eks: EksCluster }
  | { readonly kubeconfig: { readonly path?: string; readonly context?: string } }
  | { readonly inCluster: true };

/** A way into a cluster. */
export interface ClusterAccess {
  /** A KubeConfig whose `applyToHTTPSOptions` signs the next request. Throws `cluster-*` and `aws-*`. */
  config(run: Run): Promise<KubeConfig>;
  /** The API server refused the credentials: the next `config` gets new ones. */
  renew(): void;
  /** The API server is not where it was: the next `config` looks where it is. */
  lookAgain?(): void;
}

export interface ClusterParts {
  /** For KUBECONFIG and HOME, and a pod's KUBERNETES_SERVICE_HOST and _PORT. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The client for an EKS cluster: in its Region, with the credentials of its role where it names one. */
  readonly eks: (cluster: EksCluster) => EKSClient;
}

/** The way into the settings' cluster; undefined is the one that kubectl would take. */
export function openCluster(cluster: Cluster | undefined, parts: ClusterParts): ClusterAccess {
  if (cluster && 'eks' in cluster) return new EksAccess(cluster.eks, parts.eks(cluster.eks));
  if (cluster && 'inCluster' in cluster) return new InClusterAccess(parts.env);
  return new KubeconfigAccess(cluster?.kubeconfig ?? {}, parts.env);
}
