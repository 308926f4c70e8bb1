import { type AlarmResource, alarm, metric, ruleAlarm } from './alarm.ts';
import { scheduleRule } from './changes.ts';
import type { Deployment } from './deployment.ts';

/**
 * Alarms on the function, its queues and its rules.
 *
 * @param rules names of the rules for changes, by logical id
 */
export function functionAlarms(
  { name, timeout, batch }: Deployment,
  rules: Readonly<Record<string, string>>,
): Record<string, AlarmResource> {
  // Beyond two receives of a message, a visibility timeout apart, in whole periods of five minutes.
  const queueAge = Math.max(1800, Math.ceil((2 * batch.visibility) / 300) * 300);
  const ofFunction = { FunctionName: { Ref: 'SyncLambdaFunction' } };
  return {
    ErrorsAlarm: alarm({
      AlarmName: `${name}-errors`,
      AlarmDescription:
        "Runs keep failing. The function's log shows the job, the cause and the remedy.",
      ...metric('AWS/Lambda', 'Errors', ofFunction),
      // A single failed run that the next one recovers from does not alert.
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
    }),
    ThrottlesAlarm: alarm({
      AlarmName: `${name}-throttles`,
      AlarmDescription:
        "Lambda keeps rejecting runs of the function. The account's concurrency in this Region is used up, or the function has a reserved concurrency.",
      ...metric('AWS/Lambda', 'Throttles', ofFunction),
      // Lambda retries what it throttles.
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
    }),
    DeadlineAlarm: alarm({
      AlarmName: `${name}-deadline`,
      AlarmDescription:
        "A run took 80% of the function's timeout. Likely causes: throttling, a slow API server, or larger zones. Increase the timeout, or select a narrower suffix.",
      ...metric('AWS/Lambda', 'Duration', ofFunction, 'Maximum'),
      // milliseconds
      Threshold: 0.8 * timeout * 1000,
    }),
    QueueAgeAlarm: alarm({
      AlarmName: `${name}-queue-age`,
      AlarmDescription: `A change has been waiting in the queue for ${queueAge / 60} minutes. Check that the event source mapping is enabled and that runs succeed. The schedule syncs the change anyway.`,
      ...metric(
        'AWS/SQS',
        'ApproximateAgeOfOldestMessage',
        { QueueName: { 'Fn::GetAtt': ['Queue', 'QueueName'] } },
        'Maximum',
      ),
      // seconds
      Threshold: queueAge,
    }),
    DeadLettersAlarm: alarm({
      AlarmName: `${name}-dead-letters`,
      AlarmDescription:
        'Messages whose processing failed five times. The schedule syncs their changes anyway; read a message to find the cause, then purge the queue.',
      ...metric(
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        { QueueName: { 'Fn::GetAtt': ['DeadLetters', 'QueueName'] } },
        'Maximum',
      ),
    }),
    ScheduleRuleAlarm: ruleAlarm(name, 'schedule', scheduleRule),
    ...Object.fromEntries(
      Object.entries(rules).map(([id, rule]) => [
        `${id}Alarm`,
        ruleAlarm(name, rule.slice(name.length + 1), id),
      ]),
    ),
  };
}
