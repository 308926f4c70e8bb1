import type { Job, Settings } from '../../src/job.ts';
import { type AlarmResource, alarm, metric } from './alarm.ts';
import type { Deployment } from './deployment.ts';
import { logicalId } from './logical-id.ts';

const hours = 3600;

/**
 * The alarms of each job: no successful run, a refusal by the guard, a pause that somebody forgot, a schedule that does
 * the work of the events, a list that its server does not load, and clusters that are not monitored. The function emits
 * the metrics (src/lambda-metrics.ts), once a run; there is one scheduled run in each period of five minutes.
 */
export function jobAlarms(
  settings: Settings,
  deployment: Deployment,
): Record<string, AlarmResource> {
  return Object.fromEntries(
    settings.jobs.flatMap((job) => [
      [logicalId('SilenceAlarm', job.name), silenceAlarm(job.name, deployment)],
      [logicalId('RefusedAlarm', job.name), refusedAlarm(job.name, deployment)],
      [logicalId('PausedAlarm', job.name), pausedAlarm(job.name, deployment)],
      [logicalId('RepairedAlarm', job.name), repairedAlarm(job.name, deployment)],
      ...(isVerified(job)
        ? [[logicalId('NotLoadedAlarm', job.name), notLoadedAlarm(job.name, deployment)]]
        : []),
      ...(job.expect.length > 0
        ? [
            [logicalId('MissingAlarm', job.name), missingAlarm(job.name, deployment)],
            [logicalId('CoverageAlarm', job.name), coverageAlarm(job.name, deployment)],
          ]
        : []),
    ]),
  );
}

/** Whether scheduled runs compare the list with its server: without one, NotLoaded has no values. */
const isVerified = ({ to }: Job) =>
  to.some(({ servers }) => servers.some((server) => 'service' in server));

const ofJob = ({ name }: Deployment, job: string, metricName: string) =>
  metric('FederationSync', metricName, { function: name, job });

type Statistic = 'Sum' | 'Minimum' | 'SampleCount';

/** The value that an alarm compares, computed of the job's metrics: `[id, metric, statistic]`. */
function computed(
  deployment: Deployment,
  job: string,
  expression: { readonly Expression: string; readonly Label: string },
  ...metrics: readonly (readonly [id: string, metricName: string, statistic: Statistic])[]
) {
  const inputs = metrics.map(([Id, metricName, Stat]) => {
    const { Statistic, Period, ...Metric } = ofJob(deployment, job, metricName);
    return { Id, MetricStat: { Metric, Period, Stat }, ReturnData: false };
  });
  return { Metrics: [{ Id: 'computed', ...expression, ReturnData: true }, ...inputs] };
}

/**
 * A paused run is neither success nor silence, so both are counted: `succeeded + paused`. Every run emits both
 * metrics (0 included), so the sum has a value whenever the job ran, and missing data means that it did not. A job
 * with one paused and one failing list is not silent either: the alarms for errors and refusals cover it.
 */
function silenceAlarm(job: string, deployment: Deployment) {
  const { name, silence } = deployment;
  return alarm({
    AlarmName: `${name}-silence-${job}`,
    AlarmDescription: `Job ${job} has not run successfully for ${silence} minutes, and is not paused; its list may be out of date. Invoke the function by hand and read the response.`,
    ...computed(
      deployment,
      job,
      { Expression: 'succeeded + paused', Label: 'Runs that succeeded or were paused' },
      ['succeeded', 'Succeeded', 'Sum'],
      ['paused', 'Paused', 'Sum'],
    ),
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
    AlarmDescription: `Job ${job} has been paused for a day; its list is not updated. To see what is pending: federation-sync plan --job ${job}. To resume, remove the annotation route53-federation-sync/paused from the object.`,
    ...ofJob(deployment, job, 'Paused'),
    Statistic: 'Minimum',
    // Together at most one day, the limit for periods of an hour or less.
    Period: 1 * hours,
    EvaluationPeriods: 24,
    // An hour without runs neither ends nor starts it; the alarm for silence goes off.
    TreatMissingData: 'ignore',
  });

/**
 * Goes off when 3 of the last 6 scheduled runs had to change the list, which the run of an event should have done.
 *
 * A scheduled run also finds changes whose event is still on its way, for a minute or two, so with 100 changes a day
 * one run in ten is such a run, and three of six come together most days. But their event runs follow, halfway between
 * two boundaries of the periods, so in the same period. Hence a period in which the job also ran for another reason
 * counts as 0:
 *
 *     in the period                                 runs   scheduled   repaired   value
 *     scheduled run with changes, nothing else        1        1           2         2
 *     scheduled run with changes, then their event    2        1           2         0
 *     scheduled run without changes                   1        1           0         0
 *     only an event's run                             1     missing     missing   missing
 *
 * Missing values are left out of the six, and end nothing: without scheduled runs, the alarm for silence goes off.
 */
const repairedAlarm = (job: string, deployment: Deployment) =>
  alarm({
    AlarmName: `${deployment.name}-repaired-${job}`,
    AlarmDescription: `In 3 of the last 6 periods of 5 minutes, only the scheduled run updated the list of job ${job}: either no events arrive, or something keeps putting an old list back (Helm, Argo CD, a person). First: federation-sync doctor --job ${job}`,
    ...computed(
      deployment,
      job,
      { Expression: 'IF(runs > scheduled, 0, repaired)', Label: 'Changes that no event reported' },
      // Every run emits Succeeded, and only scheduled runs emit Repaired.
      ['runs', 'Succeeded', 'SampleCount'],
      ['scheduled', 'Repaired', 'SampleCount'],
      ['repaired', 'Repaired', 'Sum'],
    ),
    EvaluationPeriods: 6,
    DatapointsToAlarm: 3,
    TreatMissingData: 'ignore',
  });

/**
 * Goes off when two scheduled runs, five minutes apart, found targets in the list that the server has not loaded, so
 * within 10 minutes; the kubelet and a reload take two at most. Two that find all loaded end it.
 *
 * What was added in the same period may still be on its way to the server. In a fleet where something is added every
 * few minutes, some always is, so only what exceeds it counts:
 *
 *     in the period                                       not loaded   added   value
 *     one added, the server reads it a minute later            1          1       0
 *     as many as before, none added                            1          0       1
 *     the server is stuck, and 2 are added each period       2, 4, 6      2     0, 2, 4
 *
 * Two of three, because another addition can make one period 0 while the server is stuck. The least value of a period
 * counts: the run of an event whose write was not loaded within its `wait` is too early.
 */
const notLoadedAlarm = (job: string, deployment: Deployment) =>
  alarm({
    AlarmName: `${deployment.name}-not-loaded-${job}`,
    AlarmDescription: `For 10 minutes the server has not loaded all targets that are in the list of job ${job}: it did not reload, its configuration is broken, or its volume is not updated. First: federation-sync verify --job ${job}; then federation-sync doctor --job ${job}`,
    ...computed(
      deployment,
      job,
      { Expression: 'notLoaded - added', Label: 'Targets not loaded, except those just added' },
      ['notLoaded', 'NotLoaded', 'Minimum'],
      ['added', 'Added', 'Sum'],
    ),
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    // A run that could not query the server has no value, and ends nothing.
    TreatMissingData: 'ignore',
  });

/**
 * Goes off when six scheduled runs, which take 30 minutes, found expected clusters that are not monitored: a new cluster
 * has that long to register. The first run that finds all of them monitored ends it.
 *
 * A run that could not find it out has no value, and is passed over:
 *
 *     found by the runs (-: could not find out)          after the last
 *     0 0 0 2 2 2 2 2                                    OK
 *     0 0 0 2 2 2 2 2 2                                  ALARM
 *     0 0 0 2 2 - 2 2 2 2                                ALARM
 *     2 2 2 2 2 2 - - -                                  ALARM
 *     2 2 2 2 2 2 0                                      OK
 *
 * It need not be the same cluster in all six: where one is created every few minutes, some cluster is always new. The log
 * has the time since when each lacks something.
 */
const missingAlarm = (job: string, deployment: Deployment) =>
  alarm({
    AlarmName: `${deployment.name}-missing-${job}`,
    AlarmDescription: `For 30 minutes, clusters that job ${job} expects have not been monitored. To see which, why, and what to do: federation-sync coverage --job ${job}`,
    ...ofJob(deployment, job, 'Missing'),
    Statistic: 'Minimum',
    EvaluationPeriods: 6,
    TreatMissingData: 'ignore',
  });

/**
 * Goes off when 3 of the last 6 scheduled runs could not find out which clusters are monitored. Half of the runs, because
 * CloudWatch looks only a few periods further back than six for values, so that the alarm above needs most of them.
 *
 * A separate alarm costs the same as metric math, which is billed by metric, and has a remedy of its own. And an
 * expression such as `FILL(missing, 0) + failed` has no value where Missing never had one: while the permission to list
 * the clusters has been lacking from the first run on.
 */
const coverageAlarm = (job: string, deployment: Deployment) =>
  alarm({
    AlarmName: `${deployment.name}-coverage-failed-${job}`,
    AlarmDescription: `In 3 of the last 6 runs it could not be found out whether all clusters that job ${job} expects are monitored. To see why: federation-sync coverage --job ${job}; then federation-sync doctor --job ${job}`,
    ...ofJob(deployment, job, 'CoverageFailed'),
    EvaluationPeriods: 6,
    DatapointsToAlarm: 3,
    // Without scheduled runs, the alarm for silence goes off.
    TreatMissingData: 'ignore',
  });
