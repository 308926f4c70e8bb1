import type { EKSClient } from '@aws-sdk/client-eks';
import type { ClusterAccess, ClusterEnvironment } from './access.ts';
import { EksAccess, type EksCluster } from './eks.ts';
import { InClusterAccess, KubeconfigAccess } from './kubeconfig.ts';

/** Where the lists' objects live. */
export type Cluster =
  | { readonly eks: EksCluster }
  | { readonly kubeconfig: { readonly path?: string; readonly context?: string } }
  | { readonly inCluster: true };

interface ClusterParts {
  readonly env: ClusterEnvironment;
  /** The client for an EKS cluster: in its Region, with the credentials of its role where it names one. */
  readonly eks: (cluster: EksCluster) => EKSClient;
}

/** The way into the settings' cluster; undefined is the one that kubectl would take. */
export function openCluster(cluster: Cluster | undefined, parts: ClusterParts): ClusterAccess {
  if (cluster && 'eks' in cluster) return new EksAccess(cluster.eks, parts.eks(cluster.eks));
  if (cluster && 'inCluster' in cluster) return new InClusterAccess(parts.env);
  return new KubeconfigAccess(cluster?.kubeconfig ?? {}, parts.env);
}
