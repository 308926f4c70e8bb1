import type { Connection } from '../../connect.ts';
import { asFault } from '../../fault.ts';
import type { EksCluster, Settings } from '../../job.ts';
import { describeCluster } from '../../objects/cluster/eks.ts';
import type { Run } from '../../run.ts';
import { type Finding, fromError, ok, warning } from './finding.ts';

/** The connection to the cluster. `reached` is false if there is none. */
export async function checkCluster(
  { cluster }: Settings,
  connection: Connection,
  run: Run,
): Promise<{ findings: Finding[]; reached: boolean }> {
  const findings: Finding[] = [];
  const about = clusterText(cluster);
  if (cluster && 'eks' in cluster) {
    findings.push(await checkEks(about, cluster.eks, connection, run));
    if (findings.some(({ status }) => status === 'failure')) return { findings, reached: false };
  }
  const kubernetes = connection.kubernetes();
  try {
    const version = (await kubernetes.request('GET', '/version', run)) as { gitVersion?: string };
    findings.push(ok(about, `Kubernetes ${version.gitVersion ?? 'of unknown version'} answers`));
  } catch (error) {
    // /version is public; a caller without access to it may still read the object.
    const fault = asFault(error);
    const reached = fault.code === 'kubernetes-forbidden';
    findings.push(fromError(about, fault, reached ? 'warning' : 'failure'));
    if (!reached) return { findings, reached };
  }
  try {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const answer = (await kubernetes.request('POST', path, run, review)) as {
      status?: { userInfo?: { username?: string; groups?: string[] } };
    };
    const { username = 'nobody', groups = [] } = answer.status?.userInfo ?? {};
    const own = groups.filter((group) => group !== 'system:authenticated').join(', ');
    findings.push(ok(about, `authenticates us as ${username}${own && ` in ${own}`}`));
  } catch (error) {
    // Kubernetes before 1.28 has no such review. Unknown credentials show here first.
    const fault = asFault(error);
    if (fault.code !== 'kubernetes-unauthorized') return { findings, reached: true };
    return { findings: [...findings, fromError(about, fault)], reached: false };
  }
  return { findings, reached: true };
}

export function clusterText(cluster: Settings['cluster']): string {
  if (cluster && 'eks' in cluster) return `cluster ${cluster.eks.name}`;
  if (cluster && 'inCluster' in cluster) return "the pod's cluster";
  const { path, context } = cluster?.kubeconfig ?? {};
  return `cluster of ${[path ?? 'KUBECONFIG', context].filter(Boolean).join(', context ')}`;
}

async function checkEks(
  about: string,
  eks: EksCluster,
  { aws }: Connection,
  run: Run,
): Promise<Finding> {
  if (eks.endpoint && eks.certificateAuthority) {
    return ok(
      about,
      'the settings have endpoint and certificate authority: eks:DescribeCluster is not needed',
    );
  }
  try {
    const cluster = await describeCluster(aws.eks(eks), eks.name, run);
    const { status = 'of unknown status', version = '?', resourcesVpcConfig: vpc } = cluster;
    const reach = vpc?.endpointPublicAccess === false ? ', endpoint in its VPC only' : '';
    const message = `eks:DescribeCluster returned ${status}, Kubernetes ${version}${reach}`;
    if (status === 'ACTIVE' || status === 'UPDATING') return ok(about, message);
    return warning(about, message, 'Wait until the cluster is ACTIVE.');
  } catch (error) {
    return fromError(about, error);
  }
}
