import { Aws, type AwsOptions } from './aws/clients.ts';
import type { Clusters } from './coverage/clusters.ts';
import { Fault } from './fault.ts';
import type { Settings } from './job.ts';
import type { Unverified } from './objects/cluster/access.ts';
import { openCluster } from './objects/cluster/cluster.ts';
import { KubernetesClient, type KubernetesOptions } from './objects/kubernetes/client.ts';
import { KubernetesObjects } from './objects/kubernetes/objects.ts';
import { type Objects, objectsOf } from './objects/objects.ts';
import type { Pods } from './objects/pods.ts';
import type { Ports } from './ports.ts';
import { Route53 } from './records/route53.ts';
import type { Servers } from './servers/servers.ts';
import type { Environment } from './settings/job-variables.ts';

export interface Connection extends Ports {
  /** Reads like `objects`, and only tries its writes. */
  readonly dryRun: Objects;
  readonly pods: Pods;
  readonly servers: Servers;
  readonly aws: Aws;
  readonly route53: Route53;
  readonly clusters: Clusters;
  /** Opened on first use: settings without objects need no cluster. */
  readonly kubernetes: () => KubernetesClient;
}

/**
 * The real parts behind the ports, for one set of settings. Nothing is sent until it is needed; what only some runs
 * need is loaded then.
 */
export function connect(
  settings: Settings,
  options: AwsOptions & {
    readonly env: Environment;
    readonly kubernetes?: Partial<KubernetesOptions>;
    readonly progress?: (zone: string, recordSets: number | undefined) => void;
    readonly unverified?: Unverified;
  },
): Connection {
  refuseUnverified(options.env);
  const aws = new Aws(options);
  const route53 = new Route53({
    client: async (source) => aws.route53(source),
    ...(options.progress && { progress: options.progress }),
  });
  let client: KubernetesClient | undefined;
  const kubernetes = () => {
    client ??= new KubernetesClient(
      openCluster(settings.cluster, {
        env: options.env,
        eks: (cluster) => aws.eks(cluster),
        unverified: options.unverified,
      }),
      { ...options.kubernetes, ...(options.trace && { trace: options.trace }) },
    );
    return client;
  };
  return {
    aws,
    route53,
    kubernetes,
    clusters: {
      async list(source, run) {
        const { clustersOf } = await import('./coverage/clusters.ts');
        return clustersOf((named) => aws.eks(named)).list(source, run);
      },
    },
    records: {
      async prepare(source, run) {
        if ('zone' in source) await route53.zone(source, run);
      },
      async list(source, suffix, run) {
        if ('zone' in source) return route53.list(source, suffix, run);
        const { listExport } = await import('./records/export-file.ts');
        return listExport(source.records);
      },
    },
    objects: objectsOf(
      async () => (await import('./objects/file/file.ts')).fileObjects(),
      () => new KubernetesObjects(kubernetes()),
    ),
    pods: {
      async nudge(...args) {
        const { KubernetesPods } = await import('./objects/kubernetes/pods.ts');
        return new KubernetesPods(kubernetes()).nudge(...args);
      },
    },
    servers: {
      async open(server, format) {
        const { serversOf } = await import('./servers/servers.ts');
        return serversOf(kubernetes, options.env).open(server, format);
      },
    },
    dryRun: objectsOf(
      async () => (await import('./objects/file/file.ts')).dryRunFiles(),
      () => new KubernetesObjects(kubernetes(), { dryRun: true }),
    ),
  };
}

/** @throws Fault `settings-invalid` */
function refuseUnverified(env: Readonly<Record<string, string | undefined>>): void {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return;
  const message = 'NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the verification of certificates';
  throw new Fault('settings-invalid', message, {
    remedy: 'Unset it. For a private certificate authority, set NODE_EXTRA_CA_CERTS.',
  });
}
