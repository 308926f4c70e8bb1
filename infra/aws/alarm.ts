/** CloudWatch alarms, all of which notify the topic when they go off and when they are over. */

export interface AlarmResource {
  readonly Type: 'AWS::CloudWatch::Alarm';
  readonly Properties: { readonly AlarmName: string } & Readonly<Record<string, unknown>>;
}

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly [property: string]: unknown;
}

/** One value of 1 or more in a period of five minutes is enough, unless `properties` has something else. */
export function alarm(properties: Alarm): AlarmResource {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      TreatMissingData: 'notBreaching',
      ...properties,
      AlarmActions: [{ Ref: 'Alarms' }],
      OKActions: [{ Ref: 'Alarms' }],
    },
  };
}

/** A metric, for an alarm of five-minute periods. */
export const metric = (
  Namespace: string,
  MetricName: string,
  dimensions: Readonly<Record<string, unknown>>,
  Statistic: 'Sum' | 'Maximum' | 'Minimum' = 'Sum',
) => ({
  Namespace,
  MetricName,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  Statistic,
  Period: 300,
});

/** Whether EventBridge could deliver what a rule matched; `id` is the rule's logical id, `rule` its name in the alarm's. */
export const ruleAlarm = (name: string, rule: string, id: string) =>
  alarm({
    AlarmName: `${name}-rule-${rule}`,
    AlarmDescription: `EventBridge could not deliver the events of a rule (${rule}). Check that its target exists, and that the policy of the target allows the rule.`,
    // Not counted: retries, and events that were sent to a dead-letter queue, which has an alarm of its own.
    // Source: Amazon EventBridge User Guide, "Monitoring Amazon EventBridge".
    ...metric('AWS/Events', 'FailedInvocations', { RuleName: { Ref: id } }),
  });
