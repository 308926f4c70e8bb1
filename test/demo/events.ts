import { ZONE } from './central-cluster.ts';

/** What EventBridge hands on when somebody changed a zone's record sets, as CloudTrail tells it. */
export function changeEvent(detail: Record<string, unknown> = {}) {
  return {
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.route53',
    account: '123456789012',
    time: new Date().toISOString(),
    region: 'us-east-1',
    resources: [],
    detail: {
      eventVersion: '1.11',
      eventSource: 'route53.amazonaws.com',
      eventName: 'ChangeResourceRecordSets',
      awsRegion: 'us-east-1',
      requestParameters: { hostedZoneId: ZONE, changeBatch: { changes: [] } },
      responseElements: { changeInfo: { status: 'PENDING' } },
      ...detail,
    },
  };
}

/** The batch that a queue with a batch window sends for many of them. */
export function batchEvent(count: number) {
  return {
    Records: Array.from({ length: count }, () => ({
      messageId: crypto.randomUUID(),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:federation-sync',
      body: JSON.stringify(changeEvent()),
    })),
  };
}

/** What the rule of serverless.yml sends every five minutes. */
export function scheduledEvent() {
  return {
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    time: new Date().toISOString(),
    region: 'eu-west-1',
    resources: ['arn:aws:events:eu-west-1:123456789012:rule/federation-sync'],
    detail: {},
  };
}
