import type { Section } from './figures.ts';
import type { Run } from './memory.ts';
import { priceOfRun, prices } from './prices.ts';

const DAYS = 30;
const MINUTES = DAYS * 24 * 60;
const CHANGES_PER_DAY = 10;
/** serverless.yml's: schedule, batch window, memory, alarms of a deployment with one job. */
const RUN_EVERY_MINUTES = 5;
const WINDOW_MINUTES = 1;
const MEMORY_MB = 512;
// CloudWatch charges by metric: of a job's alarms, silence and not-loaded have two, repaired has three.
export const ALARMS = 7 + 9;
/** Of a job whose list has a server, as lambda-metrics.ts writes them. */
export const METRICS: readonly string[] = [
  ...['Targets', 'Added', 'Removed', 'Kept', 'Skipped', 'Conflicts'],
  ...['Refused', 'Paused', 'Failed', 'Succeeded', 'Duration'],
  // Of scheduled runs: what no event reported, and the state of the targets in the server.
  ...['Repaired', 'Scraped', 'Down', 'NotLoaded', 'Unwanted', 'Unverified'],
  // Of runs that write.
  ...['EventToWrite', 'WriteToLoaded', 'NudgeFailed'],
];
/** What `expect` adds to a job: its alarms watch a metric each; metrics as lambda-coverage.ts writes them. */
export const COVERAGE_ALARMS = 2;
export const COVERAGE_METRICS: readonly string[] = [
  ...['Expected', 'Missing', 'Orphaned', 'CoverageFailed'],
  ...['LostRecord', 'LostSelected', 'LostList', 'LostLoaded', 'LostScraped'],
];
/** Log lines of a run with one job: start, sync, metrics, end, report. */
const LOG_BYTES_PER_RUN = 1_500;
/** Lambda asks the queue with five long polls of 20 s at a time, whether or not anything is in it. */
const POLLS = 5 * 3 * MINUTES;
const CALL_MS = 60;

interface Month {
  readonly clusters: number;
  readonly changes: number;
  readonly runs: number;
  readonly lambda: number;
  readonly sqs: number;
  readonly eventbridge: number;
  readonly alarms: number;
  readonly metricsAndLogs: number;
}

/** What a month costs for that many clusters, each changed ten times a day, in one zone and one list. */
function month({ clusters, coldCpuMs, calls }: Run): Month {
  const changes = clusters * CHANGES_PER_DAY * DAYS;
  // The first message opens a window; what comes while it is open falls into the same run.
  const perMinute = changes / MINUTES;
  const byEvents = MINUTES * (perMinute / (1 + perMinute * WINDOW_MINUTES));
  const runs = Math.round(byEvents + MINUTES / RUN_EVERY_MINUTES);
  // As if every run had a new container, which is more than any has.
  const { usd } = priceOfRun({ cpuMs: coldCpuMs, waitMs: calls * CALL_MS, memoryMB: MEMORY_MB });
  return {
    clusters,
    changes,
    runs,
    lambda: runs * usd,
    // Each message is sent, and deleted in batches.
    sqs: (POLLS + changes + byEvents) * prices.sqsRequest,
    eventbridge: changes * (prices.eventbridge.serviceEvent + prices.eventbridge.forwarded),
    alarms: ALARMS * prices.cloudwatch.alarm,
    metricsAndLogs:
      METRICS.length * prices.cloudwatch.metric +
      ((runs * LOG_BYTES_PER_RUN) / 1e9) * prices.cloudwatch.logGigabyte,
  };
}

/** What `expect` adds to the month of a job. */
const coverageUsd =
  COVERAGE_ALARMS * prices.cloudwatch.alarm + COVERAGE_METRICS.length * prices.cloudwatch.metric;

export function costs(byClusters: readonly Run[]): Section {
  const months = byClusters.map(month);
  const usd = (value: number) => `$${value.toFixed(2)}`;
  return {
    table: {
      title: `What a month costs: ${CHANGES_PER_DAY} changes a day and cluster, a run every ${RUN_EVERY_MINUTES} minutes`,
      columns: [
        'clusters',
        'changes',
        'runs',
        'Lambda',
        'SQS',
        'EventBridge',
        'alarms',
        'metrics, logs',
        'all',
      ],
      rows: months.map((it) => [
        it.clusters,
        it.changes,
        it.runs,
        usd(it.lambda),
        usd(it.sqs),
        usd(it.eventbridge),
        usd(it.alarms),
        usd(it.metricsAndLogs),
        usd(it.lambda + it.sqs + it.eventbridge + it.alarms + it.metricsAndLogs),
      ]),
      notes: [
        `List prices of ${prices.asOf}. One job, whose list has a server; ${MEMORY_MB} MB, arm64; every run counted as a cold one with the measured processor time and ${CALL_MS} ms a call; EventBridge forwards from us-east-1 to another Region. \`expect\` adds ${usd(coverageUsd)}: ${COVERAGE_METRICS.length} metrics and ${COVERAGE_ALARMS} alarms.`,
      ],
    },
    figures: [],
  };
}
