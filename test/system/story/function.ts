import { randomUUID } from 'node:crypto';
import type { Report } from '../../../src/report.ts';
import { unpackFunction } from '../../support/packaged.ts';
import { startLambda } from '../../support/parts/lambda-runtime.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';

/** The deployed function: what is packaged, alone in a folder, run by Lambda's own runtime client. */
export interface DeployedFunction {
  /** Hands the event over as the queue does. @throws Error with the function's own words */
  wake(event: object): Promise<Report>;
  stop(): Promise<void>;
}

export async function startFunction(
  settings: string,
  env: Record<string, string>,
): Promise<DeployedFunction> {
  const folder = temporaryFolder('task');
  unpackFunction(folder, settings);
  const lambda = await startLambda({ folder, handler: 'index.handler', env });
  return {
    async wake(event) {
      const { response, error } = await lambda.invoke(asMessages(event));
      const report = response as (Report & { batchItemFailures?: unknown[] }) | undefined;
      const failed = report?.jobs.filter(({ status }) => status === 'failed') ?? [];
      if (!report || error || failed.length > 0 || report.batchItemFailures?.length !== 0) {
        throw new Error(`the function failed: ${JSON.stringify({ error, report })}`);
      }
      return report;
    },
    async stop() {
      await lambda.stop();
      removeFolder(folder);
    },
  };
}

function asMessages(event: object): object {
  return {
    Records: [
      {
        messageId: randomUUID(),
        receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
        body: JSON.stringify(event),
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: String(Date.now()),
          SenderId: 'AIDAIENQZJOLO23YVJ4VO',
          ApproximateFirstReceiveTimestamp: String(Date.now()),
        },
        messageAttributes: {},
        md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:federation-sync-prod',
        awsRegion: 'eu-west-1',
      },
    ],
  };
}
