/*
 * The same job as one writes it first, to compare with: every package imported by its index, the Kubernetes
 * client's CoreV1Api, the SDK's whole clients, one call after the other. Settings, targets and document are ours.
 * It takes the bench's settings only, and writes nothing.
 */
import { fileURLToPath } from 'node:url';
import { Logger } from '@aws-lambda-powertools/logger';
import { EKS } from '@aws-sdk/client-eks';
import { Route53 } from '@aws-sdk/client-route-53';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Context } from 'aws-lambda';
import { z } from 'zod';
import { openList } from '../../src/document/document.ts';
import { eksToken } from '../../src/objects/cluster/eks-token.ts';
import { findSettings } from '../../src/settings/find.ts';
import { differenceOf } from '../../src/targets/difference.ts';
import { targetsOf } from '../../src/targets/targets.ts';

const Event = z.object({ action: z.literal(['sync', 'plan']).optional() });
const logger = new Logger({ serviceName: 'federation-sync' });
const route53 = new Route53({});

export async function handler(event: unknown, context: Context) {
  logger.addContext(context);
  Event.parse(event);
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const settings = await findSettings(undefined, folder, process.env);
  const { cluster, jobs } = settings;
  const [job] = jobs;
  const from = job?.from[0];
  const place = job?.to[0]?.location;
  if (!job || !from || !('zone' in from.source) || place?.kind !== 'configMap')
    throw new Error('not this');
  if (!cluster || !('eks' in cluster)) throw new Error('not this');

  const { name, region = '', endpoint, certificateAuthority } = cluster.eks;
  const eks = new EKS({ region });
  const found = endpoint ? undefined : (await eks.describeCluster({ name })).cluster;
  const { token } = await eksToken({
    cluster: name,
    region,
    credentials: await eks.config.credentials(),
    sha256: eks.config.sha256,
    now: new Date(),
  });
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    {
      name,
      server: endpoint ?? found?.endpoint ?? '',
      caData: certificateAuthority ?? found?.certificateAuthority?.data ?? '',
      skipTLSVerify: false,
    },
    { name: 'aws', token },
  );
  const core = config.makeApiClient(CoreV1Api);
  const object = await core.readNamespacedConfigMap(place);
  const Id = from.source.zone;
  const { HostedZone } = await route53.getHostedZone({ Id });
  const page = await route53.listResourceRecordSets({
    HostedZoneId: Id,
    StartRecordName: `prometheus.${HostedZone?.Name}`,
    MaxItems: 300,
  });
  const records = (page.ResourceRecordSets ?? []).map((set) => ({
    name: set.Name ?? '',
    type: set.Type ?? '',
  }));
  const wanted = targetsOf(job, [records]);
  const text = object.data?.[place.key];
  const list = openList(text, { format: 'static_configs', job: job.job });
  const { added, removed, changed } = differenceOf(list.targets, wanted.targets);
  const status = list.write(wanted.targets) === text ? 'unchanged' : 'planned';

  logger.info('sync', { status, targets: wanted.targets.length });
  return { jobs: [{ name: job.name, status, added, removed, changed }] };
}
