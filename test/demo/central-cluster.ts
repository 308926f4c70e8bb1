import { ARTICLE } from '../support/article.ts';
import { type Aws, startAws } from '../support/emulators/aws.ts';
import { type Kubernetes, startKubernetes } from '../support/emulators/kubernetes.ts';
import { PrometheusEmulator } from '../support/emulators/prometheus.ts';
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
    keep: 1s
    to:
      configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml }
      prometheus: { service: { namespace: monitoring, name: prometheus-server, port: 80 }, reload: true }
      wait: 5s
`;

/** A private zone, an EKS cluster, and in it the federation server and its ConfigMap. */
export interface CentralCluster {
  readonly aws: Aws;
  /** What Lambda gives the function, and where AWS is. */
  readonly env: Readonly<Record<string, string>>;
  register(...clusters: number[]): void;
  deregister(...clusters: number[]): void;
  /** Clusters that exist, whether or not they are registered. */
  exist(...clusters: number[]): void;
  /** prometheus.yml in the ConfigMap. */
  text(): string;
  /** As `kubectl edit` does. */
  edit(change: (text: string) => string): void;
  close(): Promise<void>;
}

export async function startCentralCluster(): Promise<CentralCluster> {
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
  for (const [resources, names, verbs] of [
    ['configmaps', 'prometheus-server', ['get', 'patch']],
    ['services/proxy', 'prometheus-server:80', ['get', 'create']],
  ] as const) {
    const grant = { namespace: 'monitoring', verbs, resources: [resources], names: [names] };
    kubernetes.grant({ group: GROUP }, grant);
  }
  const text = () => dataOf(kubernetes)['prometheus.yml'] ?? '';
  const put = (prometheusYml: string) => {
    const object = kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
    kubernetes.put({
      kind: 'ConfigMap',
      metadata: object?.metadata ?? { namespace: 'monitoring', name: 'prometheus-server' },
      data: { 'prometheus.yml': prometheusYml, rules: 'groups: []\n' },
    });
  };
  put(ARTICLE);
  const prometheus = new PrometheusEmulator(ARTICLE);
  kubernetes.serve('monitoring', 'prometheus-server:80', (request) => {
    // Its volume is up to date at once; a kubelet needs up to 90 s, or a nudge.
    prometheus.file = text();
    return prometheus.answer(request);
  });
  return {
    aws,
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
    text,
    edit: (change) => put(change(text())),
    async close() {
      await aws.close();
      await kubernetes.close();
    },
  };
}

const dataOf = (kubernetes: Kubernetes) =>
  (kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server')?.data ?? {}) as Record<
    string,
    string
  >;

/** A cluster's Prometheus behind a private load balancer. */
function record(cluster: number) {
  return {
    Name: `prometheus${cluster}.example.com.`,
    Type: 'CNAME' as const,
    TTL: 60,
    ResourceRecords: [{ Value: `internal-${cluster}.eu-west-1.elb.amazonaws.com` }],
  };
}
