import { EKSClient } from '@aws-sdk/client-eks';
import { Route53Client } from '@aws-sdk/client-route-53';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentityProvider, RetryStrategyV2 } from '@smithy/types';
import { Fault } from '../fault.ts';
import type { EksCluster, ZoneSource } from '../job.ts';
import { awsFault } from './fault.ts';

type Credentials = AwsCredentialIdentityProvider;

/** An identity to take on: a role of this or another account. */
interface Role {
  readonly roleArn?: string;
  readonly externalId?: string;
}

export interface AwsOptions {
  /** undefined: whatever the SDK finds, in environment, profile, web identity or instance. */
  readonly credentials?: Credentials;
  readonly maxAttempts?: number;
  /** In place of the SDK's own. */
  readonly retryStrategy?: RetryStrategyV2;
  /** Milliseconds to the answer's head, and between any two pieces of its body. */
  readonly answerTimeout?: number;
}

/** Short, since a VPC without a way out swallows packets: the run must end with a clear error in time. */
const CONNECTION_TIMEOUT = 3_000;
const ANSWER_TIMEOUT = 10_000;
/** The SDK gives no run's signal to the call for a role's credentials, and lets the next run wait for it, too. */
const SESSION_TIMEOUT = 4_000;

/** The clients of the AWS SDK, one per service, Region and role, made when first used. */
export class Aws {
  readonly #options: AwsOptions;
  readonly #clients = new Map<string, unknown>();

  constructor(options: AwsOptions = {}) {
    this.#options = options;
  }

  route53(source: ZoneSource): Route53Client {
    return this.#once('route53', undefined, source, (config) => new Route53Client(config));
  }

  eks(cluster: EksCluster): EKSClient {
    return this.#once('eks', cluster.region, cluster, (config) => new EKSClient(config));
  }

  sts(): STSClient {
    return this.#once('sts', undefined, {}, (config) => new STSClient(config));
  }

  #once<C>(
    service: string,
    region: string | undefined,
    role: Role,
    make: (config: ClientConfig) => C,
  ): C {
    const key = JSON.stringify([service, region, role.roleArn, role.externalId]);
    const client =
      (this.#clients.get(key) as C | undefined) ?? make(this.#config(service, region, role));
    this.#clients.set(key, client);
    return client;
  }

  #config(service: string, region: string | undefined, role: Role): ClientConfig {
    const { credentials, maxAttempts = 5, retryStrategy } = this.#options;
    const longest = service === 'sts' ? SESSION_TIMEOUT : ANSWER_TIMEOUT;
    const { answerTimeout = longest } = this.#options;
    const own =
      role.roleArn === undefined ? credentials : this.#assume(role.roleArn, role.externalId);
    return {
      requestHandler: {
        connectionTimeout: CONNECTION_TIMEOUT,
        requestTimeout: answerTimeout,
        throwOnRequestTimeout: true,
        socketTimeout: answerTimeout,
      },
      retryMode: 'standard',
      maxAttempts,
      ...(retryStrategy && { retryStrategy }),
      ...(own && { credentials: own }),
      // Route 53 and STS answer everywhere; only an EKS cluster's Region must be known.
      ...(region ? { region } : service !== 'eks' && { region: anyRegion }),
    };
  }

  /** The client calls this again shortly before the session ends. */
  #assume(roleArn: string, externalId: string | undefined) {
    return async () => {
      try {
        const command = new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: 'route53-federation-sync',
          ...(externalId !== undefined && { ExternalId: externalId }),
        });
        const { Credentials: session } = await this.sts().send(command);
        const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = session ?? {};
        // What is no answer of STS (a proxy's page) parses to one without these, and the client would keep it.
        if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
          throw new Fault('aws-unavailable', `the answer about role ${roleArn} is not STS's`);
        }
        return {
          accessKeyId: AccessKeyId,
          secretAccessKey: SecretAccessKey,
          sessionToken: SessionToken,
          expiration: Expiration,
        };
      } catch (error) {
        throw awsFault(error, {
          to: `assume role ${roleArn}`,
          forbidden: 'role-forbidden',
          missing: 'role-forbidden',
        });
      }
    };
  }
}

type ClientConfig = {
  requestHandler: Record<string, number | boolean>;
  retryMode: string;
  maxAttempts: number;
  retryStrategy?: RetryStrategyV2;
  credentials?: Credentials;
  region?: string | (() => Promise<string>);
};

/** The Region that environment or profile name; if there is none, the home of the global services. */
async function anyRegion(): Promise<string> {
  // Where the environment says it, as a Lambda's does, no client need be made to ask.
  if (process.env.AWS_REGION) return process.env.AWS_REGION;
  const named = new STSClient({});
  return named.config.region().catch(() => 'us-east-1');
}
