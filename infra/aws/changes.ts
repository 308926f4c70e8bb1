import type { Settings } from '../../src/job.ts';
import { zonesOf } from '../../src/policy.ts';
import { arn, aws, sub } from './arn.ts';
import type { Deployment } from './deployment.ts';
import { eventPatterns } from './event-pattern.ts';

/** The rules that send changes to the zones in the settings to the queue, and the policy of the queues. */
export function rules(settings: Settings, { name, webhook }: Deployment) {
  const patterns = eventPatterns(settings);
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
          Statement: [
            ...(ruleIds.length > 0 ? [sendFrom(ruleIds, 'Queue')] : []),
            // Every rule's target, the function and the webhook included, has the same dead-letter queue.
            sendFrom(
              [...ruleIds, scheduleRule, ...(webhook ? ['WebhookRule'] : [])],
              'DeadLetters',
            ),
          ],
        },
      },
    },
  };
}

function sendFrom(ruleIds: readonly string[], queue: 'Queue' | 'DeadLetters') {
  return {
    Sid: `RulesTo${queue}`,
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
    Condition: {
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
      ArnEquals: { 'aws:SourceArn': ruleIds.map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })) },
    },
  };
}

// osls derives these ids from the schedule in serverless.yml.
const scheduleRule = 'SyncEventsRuleSchedule1';

/**
 * What osls leaves out of the schedule: a dead-letter queue for events that cannot be delivered, and the account
 * whose rule may invoke the function. For `extensions` in serverless.yml's resources.
 */
export const scheduleExtensions = {
  [scheduleRule]: {
    Properties: {
      Targets: [
        {
          Id: 'syncSchedule',
          Arn: { 'Fn::GetAtt': ['SyncLambdaFunction', 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
        },
      ],
    },
  },
  SyncLambdaPermissionEventsRuleSchedule1: {
    Properties: { SourceAccount: { Ref: 'AWS::AccountId' } },
  },
};

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
