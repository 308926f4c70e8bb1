import type { Settings } from '../../src/job.ts';
import type { Deployment } from './deployment.ts';

/** For each job: no good run for long, and a refusal by the guard. The function writes these metrics (src/lambda-log.ts). */
export function jobAlarms(settings: Settings, { name, silence }: Deployment) {
  return Object.fromEntries(
    settings.jobs.flatMap(({ name: job }, index) => {
      const alarm = {
        Namespace: 'FederationSync',
        Dimensions: [{ Name: 'job', Value: job }],
        Statistic: 'Sum',
        Period: 300,
        AlarmActions: [{ Ref: 'Alarms' }],
        OKActions: [{ Ref: 'Alarms' }],
      };
      return [
        [
          `SilenceAlarm${index + 1}`,
          {
            Type: 'AWS::CloudWatch::Alarm',
            Properties: {
              ...alarm,
              AlarmName: `${name}-silence-${job}`,
              AlarmDescription: `Job ${job} had no good run for ${silence} minutes, so its list may be out of date. Invoke the function by hand and read the answer.`,
              MetricName: 'Succeeded',
              EvaluationPeriods: silence / 5,
              ComparisonOperator: 'LessThanThreshold',
              Threshold: 1,
              TreatMissingData: 'breaching',
            },
          },
        ],
        [
          `RefusedAlarm${index + 1}`,
          {
            Type: 'AWS::CloudWatch::Alarm',
            Properties: {
              ...alarm,
              AlarmName: `${name}-refused-${job}`,
              AlarmDescription: `The guard refused to change the list of job ${job}. See what would go: federation-sync plan --job ${job}. If it is meant: federation-sync sync --job ${job} --force`,
              MetricName: 'Refused',
              EvaluationPeriods: 1,
              ComparisonOperator: 'GreaterThanOrEqualToThreshold',
              Threshold: 1,
              TreatMissingData: 'notBreaching',
            },
          },
        ],
      ];
    }),
  );
}
