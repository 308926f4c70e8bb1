import type { ClusterDescription, EksClient } from '../../aws/eks-client.ts';
import { awsFault } from '../../aws/fault.ts';
import { Fault } from '../../fault.ts';
import type { EksCluster } from '../../job.ts';
import { type Run, withinRun } from '../../run.ts';
import type { ClusterAccess, SignedIn } from './access.ts';
import { type EksToken, eksToken } from './eks-token.ts';

interface Endpoint {
  readonly server: string;
  /** PEM. */
  readonly ca: Buffer;
}

/**
 * Signs in to an EKS cluster. `client` holds the Region and the credentials (of the role, where there is
 * one): they sign the token too. The cluster is described once, a token is used while it is valid.
 *
 * Throws `cluster-missing`, `cluster-forbidden`, `cluster-invalid`, `aws-*`, `deadline`.
 */
export class EksAccess implements ClusterAccess {
  readonly #cluster: EksCluster;
  readonly #client: EksClient;
  readonly #now: () => Date;
  #endpoint: Endpoint | undefined;
  #token: EksToken | undefined;

  constructor(cluster: EksCluster, client: EksClient, now = () => new Date()) {
    this.#cluster = cluster;
    this.#client = client;
    this.#now = now;
  }

  async signIn(run: Run): Promise<SignedIn> {
    this.#endpoint ??= await this.#findEndpoint(run);
    if (!this.#token || this.#now().getTime() >= this.#token.until) {
      const doing = `before the token for ${this.#cluster.name} was signed`;
      this.#token = await withinRun(this.#sign(), run, doing);
    }
    const { server, ca } = this.#endpoint;
    const headers = { authorization: `Bearer ${this.#token.token}` };
    return { server, options: { headers, ca, rejectUnauthorized: true } };
  }

  renew(): void {
    this.#token = undefined;
  }

  /** A cluster that was recreated under its name has another endpoint and certificate authority. */
  lookAgain(): void {
    this.#endpoint = undefined;
  }

  /** The command that lets our role in: an access entry names the role, not its session. */
  async remedy(run: Run): Promise<string | undefined> {
    try {
      // The same handler: its timeouts, and its verification of certificates.
      const { credentials, region, requestHandler } = this.#client.config;
      const { GetCallerIdentityCommand, STSClient } = await import('../../aws/sts.ts');
      const sts = new STSClient({ credentials, region, requestHandler });
      const { Arn } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal: run.signal });
      const { name, region: where } = this.#cluster;
      const entry = `--cluster-name ${name} --principal-arn ${roleOf(Arn ?? '')}`;
      const rest = `${where ? ` --region ${where}` : ''} --kubernetes-groups federation-sync`;
      return `Create an access entry: aws eks create-access-entry ${entry}${rest}`;
    } catch {
      return undefined;
    }
  }

  async #findEndpoint(run: Run): Promise<Endpoint> {
    const { name, endpoint, certificateAuthority } = this.#cluster;
    if (endpoint && certificateAuthority) return checked(name, endpoint, certificateAuthority);
    const found = await this.#describe(run);
    if (found.status && found.status !== 'ACTIVE' && found.status !== 'UPDATING') {
      throw new Fault('cluster-invalid', `EKS cluster ${name} is ${found.status}`);
    }
    return checked(
      name,
      endpoint ?? found.endpoint,
      certificateAuthority ?? found.certificateAuthority?.data,
    );
  }

  async #describe(run: Run): Promise<ClusterDescription> {
    await this.#region();
    return describeCluster(this.#client, this.#cluster.name, run);
  }

  async #sign(): Promise<EksToken> {
    const { name } = this.#cluster;
    const region = await this.#region();
    try {
      const credentials = await this.#client.config.credentials();
      const { sha256 } = this.#client.config;
      return await eksToken({ cluster: name, region, credentials, sha256, now: this.#now() });
    } catch (error) {
      throw awsFault(error, { to: `sign a token for EKS cluster ${name}` });
    }
  }

  async #region(): Promise<string> {
    try {
      return await this.#client.config.region();
    } catch (cause) {
      const message = `the Region of EKS cluster ${this.#cluster.name} is unknown`;
      const remedy = 'Set cluster.eks.region, AWS_REGION, or the region of the AWS profile.';
      throw new Fault('cluster-invalid', message, { remedy, cause });
    }
  }
}

/**
 * What EKS knows of a cluster. Throws `cluster-missing`, `cluster-forbidden`, `aws-*`, `deadline`.
 */
export async function describeCluster(
  client: EksClient,
  name: string,
  run: Run,
): Promise<ClusterDescription> {
  try {
    const sent = client.describeCluster(name, run.signal);
    // The SDK does not pass our abort signal to AssumeRole.
    const cluster = await withinRun(sent, run, `before ${name} was described`);
    if (cluster) return cluster;
  } catch (error) {
    const to = `describe EKS cluster ${name}`;
    const codes = { missing: 'cluster-missing', forbidden: 'cluster-forbidden' } as const;
    throw awsFault(error, { to, ...codes }, run.signal);
  }
  throw new Fault('aws-unavailable', `the answer to DescribeCluster ${name} is not from EKS`);
}

/** The token goes to no server that cannot prove to be the cluster: HTTPS, and the cluster's own authority. */
function checked(name: string, server = '', caData = ''): Endpoint {
  const ca = Buffer.from(caData, 'base64');
  if (server === '' || ca.length === 0) {
    throw new Fault('cluster-invalid', `EKS cluster ${name} has no endpoint to connect to`);
  }
  if (URL.parse(server)?.protocol !== 'https:') {
    throw new Fault('cluster-invalid', `the endpoint of EKS cluster ${name} is not an https URL`);
  }
  return { server, ca };
}

/** `arn:aws:sts::1:assumed-role/sync/session` -> `arn:aws:iam::1:role/sync`; a role's path is not in a session's ARN. */
export function roleOf(arn: string): string {
  return arn.replace(/:sts:(.*):assumed-role\/([^/]+)\/.*$/, ':iam:$1:role/$2');
}
