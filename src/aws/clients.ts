import { Route53Client } from '@aws-sdk/client-route-53';
import type {
  AwsCredentialIdentityProvider,
  Logger,
  MiddlewareStack,
  RetryStrategyV2,
} from '@smithy/types';
import { Fault } from '../fault.ts';
import type { ZoneSource } from '../job.ts';
import { monotonicMs, type Trace } from '../run.ts';
import { EksClient } from './eks-client.ts';
import { awsFault } from './fault.ts';
import { rememberListings } from './remembered.ts';
import type { STSClient } from './sts.ts';

type Credentials = AwsCredentialIdentityProvider;

/** A role to assume, of this or another account. */
interface Role {
  readonly roleArn?: string;
  readonly externalId?: string;
}

export interface AwsOptions {
  /** undefined: the SDK's default chain: environment, profile, web identity, instance. */
  readonly credentials?: Credentials;
  readonly maxAttempts?: number;
  /** In place of the SDK's own. */
  readonly retryStrategy?: RetryStrategyV2;
  readonly trace?: Trace;
  /** Milliseconds to the answer's head, and between any two pieces of its body. */
  readonly answerTimeout?: number;
}

/** Short, because a VPC without a route to AWS drops packets: the run must end in time with a clear error. */
const CONNECTION_TIMEOUT = 3_000;
const ANSWER_TIMEOUT = 10_000;
const MAX_ATTEMPTS = 5;
/** The SDK does not pass our abort signal to AssumeRole, and makes the next run wait for the same call. */
const SESSION_TIMEOUT = 4_000;

/** The clients of the AWS SDK, one per service, Region and role, made when first used. */
export class Aws {
  readonly #options: AwsOptions;
  readonly #clients = new Map<string, unknown>();

  constructor(options: AwsOptions = {}) {
    this.#options = options;
  }

  route53(source: ZoneSource): Route53Client {
    return this.#once('route53', undefined, source, (config) =>
      rememberListings(new Route53Client(config)),
    );
  }

  /** For a cluster, or for all of a Region. */
  eks(where: Role & { readonly region?: string }): EksClient {
    return this.#once('eks', where.region, where, (config) => new EksClient(config));
  }

  async sts(): Promise<STSClient> {
    const { STSClient } = await import('./sts.ts');
    return this.#once('sts', undefined, {}, (config) => new STSClient(config));
  }

  /** A client that only the command line needs: the function's bundle must not contain it. */
  client<C extends Traceable>(
    service: string,
    region: string,
    make: (config: ClientConfig) => C,
  ): C {
    return this.#once(service, region, {}, make);
  }

  /** The Region of the environment or the profile, else that of the global services. */
  async region(): Promise<string> {
    return anyRegion();
  }

  #once<C extends Traceable>(
    service: string,
    region: string | undefined,
    role: Role,
    make: (config: ClientConfig) => C,
  ): C {
    const key = JSON.stringify([service, region, role.roleArn, role.externalId]);
    const known = this.#clients.get(key) as C | undefined;
    if (known) return known;
    const client = make(this.#config(service, region, role));
    const { trace, maxAttempts = MAX_ATTEMPTS } = this.#options;
    if (trace) traceAttempts(client, trace, maxAttempts);
    this.#clients.set(key, client);
    return client;
  }

  #config(service: string, region: string | undefined, role: Role): ClientConfig {
    const { credentials, maxAttempts = MAX_ATTEMPTS, retryStrategy } = this.#options;
    const longest = service === 'sts' ? SESSION_TIMEOUT : ANSWER_TIMEOUT;
    const { answerTimeout = longest } = this.#options;
    const own =
      role.roleArn === undefined ? credentials : this.#assume(role.roleArn, role.externalId);
    return {
      requestHandler: {
        ...VERIFIED,
        connectionTimeout: CONNECTION_TIMEOUT,
        requestTimeout: answerTimeout,
        throwOnRequestTimeout: true,
        socketTimeout: answerTimeout,
      },
      retryMode: 'standard',
      // Its warnings would go to stderr, among our own lines.
      logger: SILENT,
      maxAttempts,
      ...(retryStrategy && { retryStrategy }),
      ...(own && { credentials: own }),
      // Route 53 and STS can be called from any Region; only an EKS cluster's Region must be known.
      ...(region ? { region } : service !== 'eks' && { region: anyRegion }),
    };
  }

  /** The client calls this again shortly before the session expires. */
  #assume(roleArn: string, externalId: string | undefined) {
    return async () => {
      try {
        const { AssumeRoleCommand } = await import('./sts.ts');
        const command = new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: 'route53-federation-sync',
          ...(externalId !== undefined && { ExternalId: externalId }),
        });
        const { Credentials: session } = await (await this.sts()).send(command);
        const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = session ?? {};
        // An answer that is not from STS (a proxy's page) parses to one without these, and would be cached.
        if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
          throw new Fault('aws-unavailable', `the answer to AssumeRole ${roleArn} is not from STS`);
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

/** Certificates are verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says. */
const VERIFIED = { httpsAgent: { rejectUnauthorized: true } };

const quiet = () => undefined;
/** Without `info` and `error`: the SDK would copy each input and output for them. */
const SILENT = { trace: quiet, debug: quiet, warn: quiet } as unknown as Logger;

interface Traceable {
  readonly middlewareStack: object;
}

/** Below the retries, so that it runs once for each attempt. */
function traceAttempts({ middlewareStack }: Traceable, trace: Trace, attempts: number): void {
  const sent = new WeakMap<object, number>();
  const middleware =
    (
      next: (args: never) => Promise<unknown>,
      context: { clientName?: string; commandName?: string },
    ) =>
    async (args: never) => {
      const { input } = args as { input: object };
      const attempt = (sent.get(input) ?? 0) + 1;
      sent.set(input, attempt);
      const begun = monotonicMs();
      const { clientName = '', commandName = '' } = context;
      const what = `${clientName.replace('Client', '')} ${commandName.replace('Command', '')}`;
      const told = (why?: string) =>
        trace({
          ...{ what, attempt, attempts, ms: monotonicMs() - begun },
          ...(why !== undefined && { why }),
        });
      try {
        const answer = await next(args);
        told();
        return answer;
      } catch (error) {
        told((error as Error).name);
        throw error;
      }
    };
  (middlewareStack as MiddlewareStack<object, object>).add(middleware as never, {
    step: 'finalizeRequest',
    priority: 'low',
  });
}

type ClientConfig = {
  requestHandler: Record<string, number | boolean | object>;
  retryMode: string;
  logger: Logger;
  maxAttempts: number;
  retryStrategy?: RetryStrategyV2;
  credentials?: Credentials;
  region?: string | (() => Promise<string>);
};

/** The Region of the environment or profile; without one, that of the global services. */
async function anyRegion(): Promise<string> {
  // Lambda sets it, which saves creating a client.
  if (process.env.AWS_REGION) return process.env.AWS_REGION;
  const named = new Route53Client({ requestHandler: VERIFIED });
  return named.config.region().catch(() => 'us-east-1');
}
