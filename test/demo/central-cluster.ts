import { ARTICLE } from '../support/article.ts';
import { type Aws, startAws } from '../support/emulators/aws.ts';
import { type Kubernetes, startKubernetes } from '../support/emulators/kubernetes.ts';
import { verifyToken } from '../support/parts/eks-token.ts';

export const ZONE = 'Z08214473FVAJ9QTLWTEC';
const CLUSTER = 'central';
const KEY = { accessKeyId: 'AKIADEMO', secretAccessKey: 'demo-secret' };
const GROUP = 'federation-sync';

export const SETTINGS = `cluster:
  eks: { name: ${CLUSTER}, region: eu-west-1 }
jobs:
  - job: federate
    from: [{ zone: ${ZONE} }]
    select: { name: '^prometheus(?<n>\\d+)\\.example\\.com$' }
    labels: { clusterID: 'cluster{n}' }
    also: [{ targets: ['prometheus-server:80'] }]
    expect: [{ eks: { name: '^demo-(?<clusterID>cluster\\d+)$' } }]
    to:
      configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml }
`;

/** A private zone, an EKS cluster, and in it the federation server's ConfigMap. */
export interface World {
  readonly aws: Aws;
  readonly kubernetes: Kubernetes;
  /** What Lambda gives the function, and where AWS is. */
  readonly env: Readonly<Record<string, string>>;
  register(...clusters: number[]): void;
  deregister(...clusters: number[]): void;
  /** Clusters that exist, whether or not they are registered. */
  exist(...clusters: number[]): void;
  configMap(): { readonly text: string; readonly version: string };
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const aws = await startAws();
  const kubernetes = await startKubernetes();
  aws.identity.addKey(KEY);
  aws.route53.createZone({ id: ZONE, name: 'example.com.', private: true });
  aws.eks.putCluster({
    name: CLUSTER,
    region: 'eu-west-1',
    endpoint: kubernetes.url,
    certificateAuthority: kubernetes.certificateAuthority,
  });
  // The access entry: our identity, and the group that the Role is bound to.
  kubernetes.authenticators.push((token) => {
    const known = {
      secretAccessKey: KEY.secretAccessKey,
      username: 'federation-sync',
      groups: [GROUP],
    };
    const { identity } = verifyToken(token, {
      clusterName: CLUSTER,
      credentials: { [KEY.accessKeyId]: known },
    });
    return identity && { name: identity.username, groups: identity.groups };
  });
  kubernetes.grant(
    { group: GROUP },
    {
      namespace: 'monitoring',
      verbs: ['get', 'patch'],
      resources: ['configmaps'],
      names: ['prometheus-server'],
    },
  );
  kubernetes.put({
    kind: 'ConfigMap',
    metadata: { namespace: 'monitoring', name: 'prometheus-server' },
    data: { 'prometheus.yml': ARTICLE, rules: 'groups: []\n' },
  });
  return {
    aws,
    kubernetes,
    env: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    },
    register: (...clusters) => aws.route53.upsert(ZONE, clusters.map(record)),
    exist(...clusters) {
      for (const cluster of clusters) {
        aws.eks.putCluster({ name: `demo-cluster${cluster}`, region: 'eu-west-1' });
      }
    },
    deregister: (...clusters) => aws.route53.delete(ZONE, clusters.map(record)),
    configMap() {
      const object = kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
      return {
        text: (object?.data as Record<string, string> | undefined)?.['prometheus.yml'] ?? '',
        version: object?.metadata.resourceVersion ?? '',
      };
    },
    async close() {
      await aws.close();
      await kubernetes.close();
    },
  };
}

/** A cluster's Prometheus behind a private load balancer. */
function record(cluster: number) {
  return {
    Name: `prometheus${cluster}.example.com.`,
    Type: 'CNAME' as const,
    TTL: 60,
    ResourceRecords: [{ Value: `internal-${cluster}.eu-west-1.elb.amazonaws.com` }],
  };
}
