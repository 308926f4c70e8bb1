import type { Context } from 'aws-lambda';
import type { JobCoverage } from './coverage/rungs.ts';
import { errorOf, type Outcome, toJobReport } from './report.ts';
import { type Verdict, verdictJson } from './verify/verdict.ts';
import { visible } from './wording.ts';

const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'];
type Facts = Readonly<Record<string, unknown>>;

/**
 * Log lines in JSON, with the names of fields and variables of Powertools for AWS Lambda. The library itself
 * adds 6 kB to the zip, for sampling and correlation ids that a sync does not need.
 */
export class Logger {
  /** Of the current invocation. */
  functionName = '';
  #context: Facts = {};
  #cold = true;

  addContext({ functionName, invokedFunctionArn, memoryLimitInMB, awsRequestId }: Context): void {
    this.functionName = functionName;
    this.#context = {
      cold_start: this.#cold,
      function_name: functionName,
      function_arn: invokedFunctionArn,
      function_memory_size: memoryLimitInMB,
      function_request_id: awsRequestId,
    };
    this.#cold = false;
  }

  debug = (message: string, facts: Facts) => this.#print('DEBUG', message, facts);
  info = (message: string, facts: Facts) => this.#print('INFO', message, facts);
  warn = (message: string, facts: Facts) => this.#print('WARN', message, facts);
  error = (message: string, facts: Facts) => this.#print('ERROR', message, facts);

  #print(level: string, message: string, facts: Facts): void {
    const { POWERTOOLS_LOG_LEVEL, AWS_LAMBDA_LOG_LEVEL, POWERTOOLS_SERVICE_NAME } = process.env;
    const least = (POWERTOOLS_LOG_LEVEL || AWS_LAMBDA_LOG_LEVEL || '').toUpperCase();
    if (LEVELS.indexOf(level) < Math.max(LEVELS.indexOf(least || 'INFO'), 0)) return;
    const service = POWERTOOLS_SERVICE_NAME || 'federation-sync';
    const timestamp = new Date().toISOString();
    const line = { level, message, timestamp, service, ...this.#context, ...facts };
    process.stdout.write(`${jsonLine(line)}\n`);
  }
}

/** `tail` and the console show a log line on a terminal: foreign text in it cannot control that. */
export const jsonLine = (value: object) => visible(JSON.stringify(value));

/** Names in one log line, of each kind. */
const MOST_NAMES = 50;

/**
 * One line per list. It is the audit trail of a write: what changed by name, whether a person forced it, the
 * object's version before and after, and who changed the records, where the event names them.
 */
export function logOutcome(
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  outcome: Outcome,
  durationMs: number,
  principals: readonly string[] = [],
): void {
  const report = toJobReport(outcome);
  const { name, to, status, forced, records, targets, skipped, warnings, error } = report;
  const changes = {
    added: report.added,
    removed: report.removed,
    changed: report.changed.map(({ target }) => target),
    withheld: report.withheld,
    kept: report.kept.map(({ target, until }) => `${target} until ${until}`),
  };
  const counts = Object.entries(changes).map(([kind, names]) => [kind, names.length] as const);
  const facts = {
    job: name,
    to,
    status,
    forced,
    records,
    targets,
    ...Object.fromEntries(counts),
    ...(counts.some(([, count]) => count > 0) && { names: bounded(changes) }),
    skipped: skipped.length,
    conflicts: outcome.conflicts,
    ...(report.nudged !== undefined && { nudged: report.nudged }),
    ...(report.loadedAfterMs !== undefined && { loadedAfterMs: report.loadedAfterMs }),
    durationMs,
    ...(outcome.version.before !== undefined && { version: outcome.version }),
    ...(principals.length > 0 && { principals }),
    ...(warnings.length > 0 && { warnings }),
    ...(error && { error }),
  };
  if (status === 'failed') logger.error('sync', facts);
  else if (status === 'refused' || warnings.length > 0) logger.warn('sync', facts);
  else logger.info('sync', facts);
}

/** One line per list that was compared with its servers. What is down is named with its error. */
export function logVerdict(logger: Pick<Logger, 'info' | 'warn'>, verdict: Verdict): void {
  const {
    name,
    to,
    prometheus,
    agrees,
    scraped,
    down = [],
    notLoaded,
    unwanted,
    refused,
    error,
  } = verdictJson(verdict);
  const facts = {
    job: name,
    to,
    agrees,
    prometheus,
    scraped,
    down: down.length,
    ...(down.length > 0 && { errors: down.slice(0, MOST_NAMES) }),
    notLoaded: notLoaded?.length,
    unwanted: unwanted?.length,
    names: bounded({ notLoaded: notLoaded ?? [], unwanted: unwanted ?? [] }),
    ...(refused && { refused }),
    ...(error && { error }),
  };
  if (agrees) logger.info('verify', facts);
  else logger.warn('verify', facts);
}

/** Clusters in the log of a run. */
const MOST_CLUSTERS = 100;

/** One line per cluster that lacks something, with the remedy, and one per job; the dashboard's table reads them. */
export function logCoverage(
  logger: Pick<Logger, 'info' | 'warn'>,
  coverage: readonly JobCoverage[],
): void {
  for (const { job, clusters, orphaned, faults } of coverage) {
    const lost = clusters.filter((one) => one.lost !== null);
    for (const { since, ...one } of lost.slice(0, MOST_CLUSTERS)) {
      logger.warn('not covered', { job: job.name, ...one, ...(since !== null && { since }) });
    }
    const names = orphaned.map(({ target }) => target);
    const facts = {
      job: job.name,
      expected: clusters.length,
      missing: lost.length,
      orphaned: names.length,
      ...(names.length > 0 && { names: bounded({ orphaned: names }) }),
      ...(faults.length > 0 && { errors: faults.map(errorOf) }),
    };
    if (faults.length > 0) logger.warn('coverage', facts);
    else logger.info('coverage', facts);
  }
}

/** Each kind with its first names, and how many more there are. */
function bounded(changes: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const lists = Object.entries(changes).filter(([, names]) => names.length > 0);
  return Object.fromEntries(
    lists.map(([kind, names]) => {
      const more = names.length - MOST_NAMES;
      return [kind, [...names.slice(0, MOST_NAMES), ...(more > 0 ? [`and ${more} more`] : [])]];
    }),
  );
}
