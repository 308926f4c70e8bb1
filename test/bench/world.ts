import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Aws, startAws } from '../support/emulators/aws.ts';
import { Faults } from '../support/emulators/faults.ts';
import { type Kubernetes, startKubernetes } from '../support/emulators/kubernetes.ts';
import { PrometheusEmulator } from '../support/emulators/prometheus.ts';
import { issueServerCertificate } from '../support/emulators/wire/certificate.ts';
import { verifyToken } from '../support/parts/eks-token.ts';
import { removeFolder, temporaryFolder } from '../support/parts/process.ts';
import { CLUSTER, NAMESPACE, OBJECT, ZONE } from './names.ts';

const KEY = { accessKeyId: 'AKIABENCH', secretAccessKey: 'bench-secret' };
const GROUP = 'federation-sync';

export interface WorldOptions {
  /** Clusters whose Prometheus has a name under prometheus.internal. */
  readonly clusters: number;
  /** Record sets of the zone, those of the clusters among them. */
  readonly records: number;
  /** Each call's answer comes so much later. */
  readonly delayMs?: number;
  /** The API server's address and authority are in the settings, so that EKS is not called. */
  readonly endpointKnown?: boolean;
  /** Default: a pattern whose end names the clusters' suffix. */
  readonly pattern?: string;
  /** Default: {name}. */
  readonly target?: string;
  /** Default: static_configs. */
  readonly format?: 'static_configs' | 'file_sd';
  /** The document to begin with. */
  readonly text?: string;
  /** EKS has the clusters, the job expects them, and a Prometheus behind a service scrapes what is in the document. */
  readonly expected?: boolean;
}

/**
 * Route 53, EKS and a Kubernetes API on loopback, each a host of its own behind TLS; and settings that name
 * them. One call log.
 */
export interface World {
  readonly faults: Faults;
  readonly settings: string;
  /** All that the function's process gets. */
  readonly env: Readonly<Record<string, string>>;
  /** The settings of the original, in addition. */
  readonly original: Readonly<Record<string, string>>;
  /** TLS handshakes so far, by host. */
  handshakes(): Record<string, number>;
  /** A record set LABEL.prometheus.internal. */
  register(label: string): void;
  deregister(label: string): void;
  document(): string;
  /** As it was at first. */
  resetDocument(): void;
  close(): Promise<void>;
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const { delayMs, endpointKnown, format = 'static_configs', target = '{name}' } = options;
  const { pattern = '^(?<clusterID>[^.]+)\\.prometheus\\.internal$' } = options;
  const key = format === 'file_sd' ? 'targets.yml' : 'prometheus.yml';
  const faults = new Faults();
  const { authority, server } = issueServerCertificate();
  const tls = { key: server.key, cert: server.certificate };
  const route53 = await startAws({ faults, tls });
  const eks = await startAws({ faults, tls });
  const kubernetes = await startKubernetes({ faults });
  const folder = temporaryFolder('bench-world');
  const authorityFile = join(folder, 'authority.pem');
  mkdirSync(folder, { recursive: true });
  writeFileSync(authorityFile, authority.certificate);

  for (const aws of [route53, eks]) aws.identity.addKey(KEY);
  fillZone(route53, options);
  eks.eks.putCluster({
    name: CLUSTER,
    region: 'eu-west-1',
    endpoint: kubernetes.url,
    certificateAuthority: kubernetes.certificateAuthority,
  });
  openCluster(kubernetes);
  const resetDocument = () =>
    void kubernetes.put({
      kind: 'ConfigMap',
      metadata: { namespace: NAMESPACE, name: OBJECT },
      data: { [key]: options.text ?? (format === 'file_sd' ? '[]\n' : prometheusYml()) },
    });
  resetDocument();
  faults.decide = () => (delayMs === undefined ? undefined : { delayMs });

  if (options.expected) openServer(kubernetes, eks, options.clusters);

  const known = endpointKnown
    ? `, endpoint: ${kubernetes.url}, certificateAuthority: ${Buffer.from(kubernetes.certificateAuthority).toString('base64')}`
    : '';
  return {
    faults,
    settings: `cluster:
  eks: { name: ${CLUSTER}, region: eu-west-1${known} }
jobs:
  - job: federate
    from: [{ zone: ${ZONE}, allowAddresses: ${target.startsWith('127.')} }]
    select: { name: '${pattern}' }
    also: [{ targets: ['central:80'] }]
    guard: { maxRemoved: 100% }
    target: '${target}'
    labels: { clusterID: '{clusterID}' }
${options.expected ? "    expect: [{ eks: { region: eu-west-1, name: '^c[0-9]+$' } }]\n" : ''}    to:
      configMap: { namespace: ${NAMESPACE}, name: ${OBJECT}, key: ${key} }
      format: ${format}
${options.expected ? `      prometheus: { service: { namespace: ${NAMESPACE}, name: prometheus-server, port: 80 } }\n` : ''}`,
    env: {
      AWS_ENDPOINT_URL_ROUTE_53: route53.url,
      AWS_ENDPOINT_URL_EKS: eks.url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
      NODE_EXTRA_CA_CERTS: authorityFile,
    },
    original: {
      PROMETHEUS_HOSTED_ZONE_ID: ZONE,
      INSTALLATIONS_HOSTED_ZONE_ID: ZONE,
      CLUSTER_NAME: CLUSTER,
      CONFIG_MAP_NAME: OBJECT,
      ENVIRONMENT: 'test',
    },
    handshakes: () => ({
      'Route 53': route53.handshakes(),
      EKS: eks.handshakes(),
      Kubernetes: kubernetes.handshakes(),
    }),
    register: (label) => route53.route53.upsert(ZONE, [record(`${label}.prometheus`)]),
    deregister: (label) => route53.route53.delete(ZONE, [record(`${label}.prometheus`)]),
    document() {
      const object = kubernetes.get('ConfigMap', NAMESPACE, OBJECT);
      return (object?.data as Record<string, string> | undefined)?.[key] ?? '';
    },
    resetDocument,
    async close() {
      await Promise.all([route53.close(), eks.close(), kubernetes.close()]);
      removeFolder(folder);
    },
  };
}

function fillZone(aws: Aws, { clusters, records }: WorldOptions): void {
  aws.route53.createZone({ id: ZONE, name: 'internal.', private: true });
  // A zone also has its NS and SOA; half of the others sort before the clusters, half after them.
  const others = Math.max(0, records - clusters - 2);
  aws.route53.upsert(ZONE, [
    ...Array.from({ length: clusters }, (_, i) => record(`c${number(i)}.prometheus`)),
    ...Array.from({ length: others }, (_, i) =>
      record(`h${number(i)}.${i % 2 ? 'databases' : 'services'}`),
    ),
  ]);
}

const number = (n: number) => String(n).padStart(5, '0');

const record = (name: string) => ({
  Name: `${name}.internal.`,
  Type: 'A' as const,
  TTL: 60,
  ResourceRecords: [{ Value: '10.0.0.1' }],
});

/** The access entry, and the Role of the product's own manifests. */
function openCluster(kubernetes: Kubernetes): void {
  kubernetes.authenticators.push((token) => {
    const { identity } = verifyToken(token, {
      clusterName: CLUSTER,
      credentials: {
        [KEY.accessKeyId]: {
          secretAccessKey: KEY.secretAccessKey,
          username: 'federation-sync',
          groups: [GROUP],
        },
      },
    });
    return identity && { name: identity.username, groups: identity.groups };
  });
  kubernetes.grant(
    { group: GROUP },
    {
      namespace: NAMESPACE,
      verbs: ['get', 'patch'],
      resources: ['configmaps'],
      names: [OBJECT],
    },
  );
}

/** The clusters in EKS, and a server that always has what is in the document. */
function openServer(kubernetes: Kubernetes, eks: Aws, clusters: number): void {
  for (let i = 0; i < clusters; i++) {
    eks.eks.putCluster({ name: `c${number(i)}`, region: 'eu-west-1' });
  }
  kubernetes.grant(
    { group: GROUP },
    {
      namespace: NAMESPACE,
      verbs: ['get'],
      resources: ['services/proxy'],
      names: ['prometheus-server:80'],
    },
  );
  const prometheus = new PrometheusEmulator(prometheusYml());
  kubernetes.serve(NAMESPACE, 'prometheus-server:80', (request) => {
    const object = kubernetes.get('ConfigMap', NAMESPACE, OBJECT);
    prometheus.file = Object.values((object?.data ?? {}) as Record<string, string>)[0] ?? '';
    prometheus.reload();
    return prometheus.answer(request);
  });
}

/** A federation server's configuration, with these lines as the job's list. */
export function prometheusYml(list: readonly string[] = ['      - targets: [central:80]']): string {
  return `global:
  scrape_interval: 15s
rule_files:
  - /etc/config/rules
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ['localhost:9090']
  - job_name: federate
    honor_labels: true
    metrics_path: /federate
    params:
      'match[]':
        - '{job="prometheus"}'
        - '{__name__=~"job:.*"}'
    static_configs:
${list.join('\n')}
  - job_name: pushgateway
    static_configs:
      - targets: ['pushgateway:9091']
`;
}
