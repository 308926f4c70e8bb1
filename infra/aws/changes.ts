import type { Settings } from '../../src/job.ts';
import { zonesOf } from '../../src/policy.ts';
import { arn, aws, sub } from './arn.ts';
import type { Deployment } from './deployment.ts';
import { eventPatterns } from './event-pattern.ts';

/** The rules that send changes to the zones in the settings to the queue. */
export function rules(settings: Settings, { name }: Deployment) {
  const patterns = eventPatterns(settings);
  if (patterns.length === 0) return {};
  const ruleIds = patterns.map((_, index) => `ChangesRule${index + 1}`);
  const entries = patterns.map((pattern, index) => [
    ruleIds[index],
    {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: `${name}-changes-${index + 1}`,
        Description: 'Changes to the zones in federation-sync.yml',
        EventPattern: pattern,
        Targets: [
          {
            Id: 'queue',
            Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
          },
        ],
      },
    },
  ]);
  return {
    ...Object.fromEntries(entries),
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }, { Ref: 'DeadLetters' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: ['Queue', 'DeadLetters'].map((queue) => ({
            Sid: `RulesTo${queue}`,
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
            Condition: {
              ArnEquals: { 'aws:SourceArn': ruleIds.map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })) },
            },
          })),
        },
      },
    },
  };
}

/** Allows the accounts whose zones are read to send Route 53 events, and no others, to this Region's bus. */
export function busPolicies(settings: Settings) {
  const accounts = zonesOf(settings).flatMap(({ roleArn }) => roleArn?.split(':')[4] ?? []);
  return Object.fromEntries(
    [...new Set(accounts)].sort().map((account) => [
      `BusFor${account}`,
      {
        Type: 'AWS::Events::EventBusPolicy',
        Properties: {
          EventBusName: 'default',
          StatementId: `route53-of-${account}`,
          Statement: {
            Effect: 'Allow',
            Principal: { AWS: sub(`arn:${aws('Partition')}:iam::${account}:root`) },
            Action: 'events:PutEvents',
            Resource: arn('events', 'event-bus/default'),
            Condition: { StringEquals: { 'events:source': 'aws.route53' } },
          },
        },
      },
    ]),
  );
}
