import type { Settings } from '../../src/job.ts';
import type { Deployment } from './deployment.ts';

/** Two alarms per job: no successful run, and a refusal by the guard. The function emits the metrics (src/lambda-log.ts). */
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
              AlarmDescription: `Job ${job} has not run successfully for ${silence} minutes; its list may be out of date. Invoke the function by hand and read the response.`,
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
              AlarmDescription: `The guard refused to change the list of job ${job}. To see what would be removed: federation-sync plan --job ${job}. If it is intended: federation-sync sync --job ${job} --force`,
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
