import { findMoto } from './found.ts';
import { freePort, type Running, ready, start, temporaryFolder } from './process.ts';

/** moto_server: Route 53, EKS, STS, SQS, EventBridge, CloudTrail, CloudWatch and CloudFormation on one port. */
export interface Moto {
  /** For AWS_ENDPOINT_URL or a client's `endpoint`. */
  readonly endpoint: string;
  /** Environment with which any SDK, the AWS CLI or our CLI talks to this server. */
  readonly env: Record<string, string>;
  /** Forgets everything, for the next test. */
  reset(): Promise<void>;
  output(): string;
  stop(): Promise<void>;
}

interface Server {
  readonly endpoint: string;
  readonly part: Running;
}

/** Servers that wait for the next file; undefined: a stopped one ends. */
let waiting: Server[] | undefined;

/**
 * From now on a stopped server is only reset, and the next start gets it: loading the code of moto's services takes longer
 * than the tests of a small file. For a process that runs many files, and that ends its parts when it ends.
 */
export function shareMoto(): void {
  waiting ??= [];
}

export async function startMoto(): Promise<Moto> {
  const server = waiting?.pop() ?? (await launch());
  const { endpoint, part } = server;
  const reset = async () => {
    const answer = await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
    if (!answer.ok) throw new Error(`moto-api/reset answered ${answer.status}`);
  };
  let isStopped = false;
  return {
    endpoint,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    reset,
    output: () => part.output(),
    async stop() {
      if (isStopped) return;
      isStopped = true;
      const isReset =
        waiting !== undefined &&
        (await reset().then(
          () => true,
          () => false,
        ));
      if (isReset) waiting?.push(server);
      else await part.stop();
    },
  };
}

async function launch(): Promise<Server> {
  const program = findMoto();
  if (!program) throw new Error('moto_server is missing: run test/support/parts/prepare.sh');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const folder = temporaryFolder('moto');
  const part = start(program, ['-H', '127.0.0.1', '-p', String(port)], { folder });
  await ready('moto_server', part, async () => (await fetch(`${endpoint}/moto-api/`)).ok);
  return { endpoint, part };
}
