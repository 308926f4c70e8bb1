import { findMoto } from './found.ts';
import { freePort, ready, start, temporaryFolder } from './process.ts';

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

export async function startMoto(): Promise<Moto> {
  const program = findMoto();
  if (!program) throw new Error('moto_server is missing: run test/support/parts/prepare.sh');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const folder = temporaryFolder('moto');
  const server = start(program, ['-H', '127.0.0.1', '-p', String(port)], { folder });
  await ready('moto_server', server, async () => (await fetch(`${endpoint}/moto-api/`)).ok);
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
    async reset() {
      const answer = await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
      if (!answer.ok) throw new Error(`moto-api/reset answered ${answer.status}`);
    },
    output: () => server.output(),
    stop: () => server.stop(),
  };
}
