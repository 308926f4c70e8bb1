import type { Settings } from '../../src/job.ts';
import { zonesOf } from '../../src/policy.ts';
import { arn, aws, sub } from './arn.ts';
import type { Deployment } from './deployment.ts';
import { eventPatterns } from './event-pattern.ts';

/** The names of the rules for changes, by logical id. Both are numbered, so no name moves to another id. */
export function ruleNames(settings: Settings, { name }: Deployment): Record<string, string> {
  return Object.fromEntries(
    eventPatterns(settings).map((_, index) => [
      `ChangesRule${index + 1}`,
      `${name}-changes-${index + 1}`,
    ]),
  );
}

/**
 * The rules that send changes to the zones in the settings to the queue, and the policy of the queues.
 *
 * @param posting logical ids of the rules for the webhook
 */
export function rules(settings: Settings, deployment: Deployment, posting: readonly string[]) {
  const patterns = eventPatterns(settings);
  const names = ruleNames(settings, deployment);
  const ruleIds = Object.keys(names);
  const entries = Object.entries(names).map(([id, Name], index) => [
    id,
    {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name,
        Description: 'Changes to the zones in federation-sync.yml',
        EventPattern: patterns[index],
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
            sendFrom([...ruleIds, scheduleRule, ...posting], 'DeadLetters'),
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
export const scheduleRule = 'SyncEventsRuleSchedule1';

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
export function busPolicies(settings: Settings, { name }: Deployment) {
  const accounts = zonesOf(settings).flatMap(({ roleArn }) => roleArn?.split(':')[4] ?? []);
  return Object.fromEntries(
    [...new Set(accounts)].sort().map((account) => [
      `BusFor${account}`,
      {
        Type: 'AWS::Events::EventBusPolicy',
        Properties: {
          EventBusName: 'default',
          // All stages write to the policy of the one default bus: one must not replace or remove another's statement.
          StatementId: `${name}-${account}`,
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
