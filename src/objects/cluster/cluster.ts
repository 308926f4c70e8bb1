import type { EksClient } from '../../aws/eks-client.ts';
import type { Cluster, EksCluster } from '../../job.ts';
import type { ClusterAccess, ClusterEnvironment, Unverified } from './access.ts';
import { EksAccess } from './eks.ts';

interface ClusterParts {
  readonly env: ClusterEnvironment;
  /** The client for an EKS cluster: in its Region, with the credentials of its role where it names one. */
  readonly eks: (cluster: EksCluster) => EksClient;
  readonly unverified?: Unverified | undefined;
}

/** The way into the settings' cluster; undefined is the cluster that kubectl would use. */
export function openCluster(cluster: Cluster | undefined, parts: ClusterParts): ClusterAccess {
  if (cluster && 'eks' in cluster) return new EksAccess(cluster.eks, parts.eks(cluster.eks));
  return loadedLater(async () => {
    const { InClusterAccess, KubeconfigAccess } = await import('./kubeconfig.ts');
    if (cluster && 'inCluster' in cluster) return new InClusterAccess(parts.env);
    return new KubeconfigAccess(cluster?.kubeconfig ?? {}, parts.env, parts.unverified);
  });
}

/** A function that signs in to EKS does not wait for the code that reads kubeconfigs. */
function loadedLater(load: () => Promise<ClusterAccess>): ClusterAccess {
  let loaded: ClusterAccess | undefined;
  return {
    async signIn(run) {
      loaded ??= await load();
      return loaded.signIn(run);
    },
    renew: () => loaded?.renew(),
  };
}
