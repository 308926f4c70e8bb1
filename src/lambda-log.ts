import type { Context } from 'aws-lambda';
import { type Outcome, toJobReport } from './report.ts';

const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'];
type Facts = Readonly<Record<string, unknown>>;

/**
 * Log lines in JSON, with the names of fields and variables of Powertools for AWS Lambda. The library itself
 * adds 6 kB to the zip, for sampling and correlation ids that a sync does not need.
 */
export class Logger {
  #context: Facts = {};
  #cold = true;

  addContext({ functionName, invokedFunctionArn, memoryLimitInMB, awsRequestId }: Context): void {
    this.#context = {
      cold_start: this.#cold,
      function_name: functionName,
      function_arn: invokedFunctionArn,
      function_memory_size: memoryLimitInMB,
      function_request_id: awsRequestId,
    };
    this.#cold = false;
  }

  info = (message: string, facts: Facts) => this.#print('INFO', message, facts);
  warn = (message: string, facts: Facts) => this.#print('WARN', message, facts);
  error = (message: string, facts: Facts) => this.#print('ERROR', message, facts);

  #print(level: string, message: string, facts: Facts): void {
    const { POWERTOOLS_LOG_LEVEL, AWS_LAMBDA_LOG_LEVEL, POWERTOOLS_SERVICE_NAME } = process.env;
    const least = (POWERTOOLS_LOG_LEVEL || AWS_LAMBDA_LOG_LEVEL || '').toUpperCase();
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const service = POWERTOOLS_SERVICE_NAME || 'federation-sync';
    const timestamp = new Date().toISOString();
    const line = { level, message, timestamp, service, ...this.#context, ...facts };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

/** One line per list, with counts; only the message of a refusal or failure names targets. */
export function logOutcome(logger: Logger, outcome: Outcome, durationMs: number): void {
  const { name, to, status, records, targets, added, removed, changed, skipped, warnings, error } =
    toJobReport(outcome);
  const facts = {
    job: name,
    to,
    status,
    records,
    targets,
    added: added.length,
    removed: removed.length,
    changed: changed.length,
    skipped: skipped.length,
    conflicts: outcome.conflicts,
    durationMs,
    ...(warnings.length > 0 && { warnings }),
    ...(error && { error }),
  };
  if (status === 'failed') logger.error('sync', facts);
  else if (status === 'refused' || warnings.length > 0) logger.warn('sync', facts);
  else logger.info('sync', facts);
}

/** How many targets the list has now: a refused one has what it had. */
function inList({ status, targets, difference: { added, removed } }: Outcome): number {
  return status === 'refused' ? targets.length - added.length + removed.length : targets.length;
}

/** Prints the metrics of each job; see `metricLine`. */
export function putMetrics(outcomes: readonly Outcome[], durationMs: number): void {
  for (const [job, lists] of Map.groupBy(outcomes, (outcome) => outcome.job.name)) {
    process.stdout.write(`${JSON.stringify(metricLine(job, metricsOf(lists), durationMs))}\n`);
  }
}

/** What is counted over the lists of one job. */
function metricsOf(lists: readonly Outcome[]): Record<string, number> {
  const sum = (count: (outcome: Outcome) => number) =>
    lists.reduce((total, outcome) => total + count(outcome), 0);
  const statuses = (...wanted: Outcome['status'][]) =>
    sum(({ status }) => (wanted.includes(status) ? 1 : 0));
  const written = lists.filter(({ status }) => status === 'written');
  const failed = statuses('failed');
  const refused = statuses('refused');
  // The content of a list that failed or is paused is unknown: no number is better than 0.
  const isKnown = statuses('written', 'unchanged', 'refused') === lists.length;
  return {
    ...(isKnown && { Targets: Math.max(...lists.map(inList)) }),
    Added: written.reduce((total, { difference }) => total + difference.added.length, 0),
    Removed: written.reduce((total, { difference }) => total + difference.removed.length, 0),
    Skipped: sum(({ skipped }) => skipped.length),
    Conflicts: sum(({ conflicts }) => conflicts),
    Refused: refused,
    Failed: failed,
    Succeeded: failed + refused === 0 ? 1 : 0,
  };
}

/**
 * One line in CloudWatch's embedded metric format: Lambda's log is read for it, so no call is needed.
 * Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
 */
function metricLine(job: string, counts: Readonly<Record<string, number>>, durationMs: number) {
  const Metrics = [
    ...Object.keys(counts).map((Name) => ({ Name, Unit: 'Count' })),
    { Name: 'Duration', Unit: 'Milliseconds' },
  ];
  return {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [{ Namespace: 'FederationSync', Dimensions: [['job']], Metrics }],
    },
    job,
    ...counts,
    Duration: durationMs,
  };
}
