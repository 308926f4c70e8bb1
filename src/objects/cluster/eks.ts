import { DescribeClusterCommand, type EKSClient } from '@aws-sdk/client-eks';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { awsFault } from '../../aws/fault.ts';
import { Fault } from '../../fault.ts';
import type { Run } from '../../records/records.ts';
import { withinRun } from '../../run.ts';
import type { ClusterAccess } from './access.ts';
import { type EksToken, eksToken } from './eks-token.ts';

/** An EKS cluster as the settings name it. */
export interface EksCluster {
  readonly name: string;
  readonly region?: string;
  /** Role to assume in the cluster's account: it describes the cluster and signs the token. */
  readonly roleArn?: string;
  readonly externalId?: string;
  /** URL of the API server; with `certificateAuthority`, DescribeCluster is not called. */
  readonly endpoint?: string;
  /** PEM in base64, as DescribeCluster gives it. */
  readonly certificateAuthority?: string;
}

interface Endpoint {
  readonly server: string;
  readonly caData: string;
}

/**
 * Signs in to an EKS cluster. `client` holds the Region and the credentials (of the role, where there is
 * one): they sign the token too. The cluster is described once, a token is used while it is valid.
 *
 * Throws `cluster-missing`, `cluster-forbidden`, `cluster-invalid`, `aws-*`, `deadline`.
 */
export class EksAccess implements ClusterAccess {
  readonly #cluster: EksCluster;
  readonly #client: EKSClient;
  readonly #now: () => Date;
  #endpoint: Endpoint | undefined;
  #token: EksToken | undefined;

  constructor(cluster: EksCluster, client: EKSClient, now = () => new Date()) {
    this.#cluster = cluster;
    this.#client = client;
    this.#now = now;
  }

  async config(run: Run): Promise<KubeConfig> {
    const { name } = this.#cluster;
    this.#endpoint ??= await this.#findEndpoint(run);
    if (!this.#token || this.#now().getTime() >= this.#token.until) {
      this.#token = await withinRun(this.#sign(), run, `before the token for ${name} was signed`);
    }
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name, ...this.#endpoint, skipTLSVerify: false },
      { name: 'aws', token: this.#token.token },
    );
    return config;
  }

  renew(): void {
    this.#token = undefined;
  }

  /** A cluster that was made anew under its name has another endpoint and authority. */
  lookAgain(): void {
    this.#endpoint = undefined;
  }

  async #findEndpoint(run: Run): Promise<Endpoint> {
    const { name, endpoint, certificateAuthority } = this.#cluster;
    if (endpoint && certificateAuthority) {
      return { server: endpoint, caData: certificateAuthority };
    }
    const found = await this.#describe(run);
    if (found.status && found.status !== 'ACTIVE' && found.status !== 'UPDATING') {
      throw new Fault('cluster-invalid', `EKS cluster ${name} is ${found.status}`);
    }
    const server = endpoint ?? found.endpoint;
    const caData = certificateAuthority ?? found.certificateAuthority?.data;
    if (!server || !caData) {
      throw new Fault('cluster-invalid', `EKS cluster ${name} has no endpoint to connect to`);
    }
    return { server, caData };
  }

  async #describe(run: Run) {
    const { name } = this.#cluster;
    await this.#region();
    try {
      const command = new DescribeClusterCommand({ name });
      const asked = this.#client.send(command, { abortSignal: run.signal });
      // The SDK hands its signal to this call, not to the one for a role's credentials before it.
      const { cluster } = await withinRun(asked, run, `before ${name} was described`);
      if (cluster) return cluster;
    } catch (error) {
      const asked = { to: `describe EKS cluster ${name}` };
      const codes = { missing: 'cluster-missing', forbidden: 'cluster-forbidden' } as const;
      throw awsFault(error, { ...asked, ...codes }, run.signal);
    }
    throw new Fault('aws-unavailable', `the answer about EKS cluster ${name} is not EKS's`);
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
      const message = `the Region of EKS cluster ${this.#cluster.name} is not known`;
      const remedy = 'Set cluster.eks.region, AWS_REGION, or the region of the AWS profile.';
      throw new Fault('cluster-invalid', message, { remedy, cause });
    }
  }
}
