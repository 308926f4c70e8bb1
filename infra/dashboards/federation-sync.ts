import {
  LogsQueryBuilder,
  MetricEditorMode,
  MetricQueryType,
  MetricsQueryBuilder,
  QueryMode,
} from '@grafana/grafana-foundation-sdk/cloudwatch';
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  type AnyPanel,
  stackedBars,
  stat,
  tableOf,
  timeSeries,
  total,
  withRows,
} from './layout.ts';

const cloudwatch = { type: 'cloudwatch', uid: '$datasource' };

interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly statistic: 'Sum' | 'Maximum' | 'Average';
  readonly dimensions: Record<string, string[]>;
  readonly label: string;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudWatch's syntax for dynamic labels.
const jobsName = "${PROP('Dim.job')}";

const ofJob = (name: string, statistic: Metric['statistic'], label = jobsName) => ({
  namespace: 'FederationSync',
  name,
  statistic,
  dimensions: { function: ['$function'], job: ['$job'] },
  label,
});

const ofFunction = (name: string, statistic: Metric['statistic']) => ({
  namespace: 'AWS/Lambda',
  name,
  statistic,
  dimensions: { FunctionName: ['$function'] },
  label: name,
});

const ofQueue = (queue: string, name: string, label: string) => ({
  namespace: 'AWS/SQS',
  name,
  statistic: 'Maximum' as const,
  dimensions: { QueueName: [queue] },
  label,
});

function metrics<Panel extends AnyPanel>(panel: Panel, ...wanted: Metric[]): Panel {
  panel.datasource(cloudwatch);
  for (const [at, { namespace, name, statistic, dimensions, label }] of wanted.entries())
    panel.withTarget(
      new MetricsQueryBuilder()
        .refId(String.fromCharCode(65 + at))
        .queryMode(QueryMode.Metrics)
        .metricQueryType(MetricQueryType.Search)
        .metricEditorMode(MetricEditorMode.Builder)
        .region('$region')
        .namespace(namespace)
        .metricName(name)
        .dimensions(dimensions)
        .matchExact(true)
        .statistic(statistic)
        .period('300')
        .label(label)
        .datasource(cloudwatch),
    );
  return panel;
}

/** Rows of the function's log (CloudWatch Logs Insights). Grafana replaces variables in the names of log groups. */
function logs<Panel extends AnyPanel>(panel: Panel, ...commands: string[]): Panel {
  const query = new LogsQueryBuilder()
    .refId('A')
    .id('')
    .queryMode(QueryMode.Logs)
    .region('$region')
    .logGroupNames(['/aws/lambda/$function'])
    .expression(commands.join('\n| '))
    .datasource(cloudwatch);
  return panel.datasource(cloudwatch).withTarget(query) as Panel;
}

/** "Federation sync": the function's own metrics, by job. */
export const federationSync = () =>
  withRows(
    new DashboardBuilder('Federation sync')
      .uid('federation-sync')
      .tags(['federation-sync'])
      .refresh('1m')
      .time({ from: 'now-24h', to: 'now' })
      .withVariable(
        new DatasourceVariableBuilder('datasource').label('CloudWatch').type('cloudwatch'),
      )
      .withVariable(
        new QueryVariableBuilder('region')
          .datasource(cloudwatch)
          .query('regions()')
          .refresh(VariableRefresh.OnDashboardLoad),
      )
      .withVariable(new TextBoxVariableBuilder('function').defaultValue('federation-sync-prod'))
      .withVariable(
        new QueryVariableBuilder('job')
          .datasource(cloudwatch)
          .query(
            'dimension_values($region, FederationSync, Succeeded, job, {"function": "$function"})',
          )
          .refresh(VariableRefresh.OnDashboardLoad)
          .multi(true)
          .includeAll(true)
          .allValue('*'),
      ),
    [
      {
        height: 4,
        panels: [
          metrics(stat('Targets', 'Targets in the list'), ofJob('Targets', 'Maximum')),
          metrics(
            total(
              'Successful runs',
              'Runs that ended as written or unchanged in the time range; a paused run is not one',
            ),
            ofJob('Succeeded', 'Sum'),
          ),
          metrics(
            total('Refused', 'Runs refused by the guard in the time range; a person must decide'),
            ofJob('Refused', 'Sum'),
          ),
          metrics(
            total('Failed', 'Failed runs in the time range; the log has the error code and remedy'),
            ofJob('Failed', 'Sum'),
          ),
        ],
      },
      {
        height: 8,
        panels: [
          metrics(
            stackedBars(
              'From event to loaded list',
              "Slowest in 5 minutes: from a record's change to the write (CloudTrail, EventBridge, the batch window, the run), and from there until the server has loaded the list, which is measured where the settings have wait",
            ).unit('ms'),
            ofJob('EventToWrite', 'Maximum', `${jobsName}: event to write`),
            ofJob('WriteToLoaded', 'Maximum', `${jobsName}: write to loaded`),
          ),
          metrics(
            timeSeries(
              'Targets in the server',
              'Found by the scheduled runs: scraped, down, in the list but not loaded, loaded but not in the list',
            ),
            ofJob('Scraped', 'Maximum', 'scraped'),
            ofJob('Down', 'Maximum', 'down'),
            ofJob('NotLoaded', 'Maximum', 'not loaded'),
            ofJob('Unwanted', 'Maximum', 'unwanted'),
          ),
          metrics(
            timeSeries(
              'Repaired by the schedule',
              'Changes that a scheduled run had to make. A few are changes whose event was still on its way; many: no events arrive, or something keeps putting an old list back',
            ),
            ofJob('Repaired', 'Sum'),
          ),
        ],
      },
      {
        height: 8,
        panels: [
          metrics(
            timeSeries('Targets', 'Targets in the list, by job'),
            ofJob('Targets', 'Maximum'),
          ),
          metrics(
            timeSeries('Changes', 'Targets added and removed'),
            ofJob('Added', 'Sum', 'added'),
            ofJob('Removed', 'Sum', 'removed'),
          ),
          metrics(
            timeSeries(
              'Skipped',
              'Record sets that cannot be targets; federation-sync explain shows why',
            ),
            ofJob('Skipped', 'Maximum'),
          ),
          metrics(
            timeSeries('Kept', 'Targets whose names are gone and that are kept for a while (keep)'),
            ofJob('Kept', 'Maximum'),
          ),
        ],
      },
      {
        height: 8,
        panels: [
          metrics(
            timeSeries('Duration', 'Longest run, by job').unit('ms'),
            ofJob('Duration', 'Maximum'),
          ),
          metrics(
            timeSeries('Conflicts', 'Writes that conflicted with another writer and were retried'),
            ofJob('Conflicts', 'Sum'),
          ),
          metrics(
            timeSeries(
              'Pods not nudged, servers not reached',
              'Places whose pods could not be nudged after a write (the kubelet updates their volumes a minute or two later), and places whose server a scheduled run could not query',
            ),
            ofJob('NudgeFailed', 'Sum', 'nudge failed'),
            ofJob('Unverified', 'Sum', 'server unreachable'),
          ),
          metrics(
            timeSeries(
              'Refused, failed, paused',
              'Lists that the guard refused, that failed, or that are paused, by run',
            ),
            ofJob('Refused', 'Sum', 'refused'),
            ofJob('Failed', 'Sum', 'failed'),
            ofJob('Paused', 'Sum', 'paused'),
          ),
        ],
      },
      {
        height: 8,
        panels: [
          metrics(
            stackedBars(
              'Clusters not monitored',
              'Expected clusters (expect), by the first step that each lacks: a record, a rule that selects it, its place in the list, the list in the server, a successful scrape',
            ),
            ofJob('LostRecord', 'Maximum', 'record'),
            ofJob('LostSelected', 'Maximum', 'selected'),
            ofJob('LostList', 'Maximum', 'list'),
            ofJob('LostLoaded', 'Maximum', 'loaded'),
            ofJob('LostScraped', 'Maximum', 'scraped'),
          ),
          metrics(
            timeSeries(
              'Clusters expected',
              'Clusters that exist (expect), those that are not monitored, targets whose cluster is gone (orphaned), and runs that could not find out',
            ),
            ofJob('Expected', 'Maximum', `${jobsName}: expected`),
            ofJob('Missing', 'Maximum', `${jobsName}: not monitored`),
            ofJob('Orphaned', 'Maximum', `${jobsName}: orphaned`),
            ofJob('CoverageFailed', 'Maximum', `${jobsName}: could not find out`),
          ),
        ],
      },
      {
        height: 8,
        panels: [
          logs(
            tableOf(
              // Two scheduled runs: what the last one found, also while it is still running.
              '10m',
              'Which clusters, why, and what to do',
              'From the log of the last scheduled runs, at most 100 clusters a job; federation-sync coverage prints all',
            ),
            'filter message = "not covered"',
            'stats latest(lost) as at, latest(reason) as why, latest(remedy) as to_do, latest(since) as lost_since by job, cluster',
            'sort job, cluster',
          ),
        ],
      },
      {
        height: 8,
        panels: [
          metrics(
            timeSeries('Invocations', 'Invocations, errors and throttles of the function'),
            ofFunction('Invocations', 'Sum'),
            ofFunction('Errors', 'Sum'),
            ofFunction('Throttles', 'Sum'),
          ),
          metrics(
            timeSeries('Invocation duration', 'Longest invocation; the timeout is 120 s').unit(
              'ms',
            ),
            ofFunction('Duration', 'Maximum'),
          ),
          metrics(
            timeSeries(
              'Oldest change',
              'Age of the oldest change in the queue; the alarm goes off at 1,800 s',
            ).unit('s'),
            ofQueue('$function', 'ApproximateAgeOfOldestMessage', 'age'),
          ),
          metrics(
            timeSeries(
              'Queue',
              'Changes waiting in the queue, and messages in the dead-letter queue',
            ),
            ofQueue('$function', 'ApproximateNumberOfMessagesVisible', 'waiting'),
            ofQueue('$function-dead-letters', 'ApproximateNumberOfMessagesVisible', 'dead letters'),
          ),
        ],
      },
    ],
  ).build();
