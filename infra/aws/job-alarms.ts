import type { Settings } from '../../src/job.ts';
import { type AlarmResource, alarm, metric } from './alarm.ts';
import type { Deployment } from './deployment.ts';
import { logicalId } from './logical-id.ts';

const hours = 3600;

/**
 * Three alarms per job: no successful run, a refusal by the guard, and a pause that somebody forgot. The function
 * emits the metrics (src/lambda-log.ts).
 */
export function jobAlarms(
  settings: Settings,
  deployment: Deployment,
): Record<string, AlarmResource> {
  return Object.fromEntries(
    settings.jobs.flatMap(({ name: job }) => [
      [logicalId('SilenceAlarm', job), silenceAlarm(job, deployment)],
      [logicalId('RefusedAlarm', job), refusedAlarm(job, deployment)],
      [logicalId('PausedAlarm', job), pausedAlarm(job, deployment)],
    ]),
  );
}

const ofJob = ({ name }: Deployment, job: string, metricName: string) =>
  metric('FederationSync', metricName, { function: name, job });

/**
 * A paused run is neither success nor silence, so both are counted: `succeeded + paused`. Every run emits both
 * metrics (0 included), so the sum has a value whenever the job ran, and missing data means that it did not. A job
 * with one paused and one failing list is not silent either: the alarms for errors and refusals cover it.
 */
function silenceAlarm(job: string, deployment: Deployment) {
  const { name, silence } = deployment;
  const counted = (Id: string, metricName: string) => {
    const { Statistic, Period, ...Metric } = ofJob(deployment, job, metricName);
    return { Id, MetricStat: { Metric, Period, Stat: Statistic }, ReturnData: false };
  };
  return alarm({
    AlarmName: `${name}-silence-${job}`,
    AlarmDescription: `Job ${job} has not run successfully for ${silence} minutes, and is not paused; its list may be out of date. Invoke the function by hand and read the response.`,
    Metrics: [
      {
        Id: 'accounted',
        Expression: 'succeeded + paused',
        Label: 'Runs that succeeded or were paused',
        ReturnData: true,
      },
      counted('succeeded', 'Succeeded'),
      counted('paused', 'Paused'),
    ],
    EvaluationPeriods: silence / 5,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
}

const refusedAlarm = (job: string, deployment: Deployment) =>
  alarm({
    AlarmName: `${deployment.name}-refused-${job}`,
    AlarmDescription: `The guard refused to change the list of job ${job}. To see what would be removed: federation-sync plan --job ${job}. If it is intended: federation-sync sync --job ${job} --force`,
    ...ofJob(deployment, job, 'Refused'),
  });

/** Goes off once every run of 24 hours found the object paused. */
const pausedAlarm = (job: string, deployment: Deployment) =>
  alarm({
    AlarmName: `${deployment.name}-paused-${job}`,
    AlarmDescription: `Job ${job} has been paused for a day; its list is not updated. To resume, remove the annotation route53-federation-sync/paused from the object.`,
    ...ofJob(deployment, job, 'Paused'),
    Statistic: 'Minimum',
    // Together at most one day, the limit for periods of an hour or less.
    Period: 1 * hours,
    EvaluationPeriods: 24,
    // An hour without runs neither ends nor starts it; the alarm for silence goes off.
    TreatMissingData: 'ignore',
  });
