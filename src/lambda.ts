import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { type Connection, connect } from './connect.ts';
import { type Batch, type EventRequest, readBatch, readEvent, unionOf } from './event.ts';
import { asFault, Fault, faultText } from './fault.ts';
import type { Settings } from './job.ts';
import { Logger, logOutcome, putMetrics } from './lambda-log.ts';
import { type Outcome, type Report, toReport } from './report.ts';
import type { Attempted } from './run.ts';
import { findSettings } from './settings/find.ts';
import { sync } from './sync.ts';

/** Reserved from the Lambda's time, so that a run that takes too long still ends with a clear error. */
const MARGIN_MS = 1_500;

const logger = new Logger();

/** Read once per execution environment; faulty settings are read again at the next event. */
let started: Promise<{ settings: Settings; connection: Connection }> | undefined;

/**
 * The Lambda. Returns a report; for SQS also `batchItemFailures`, the messages that a retry may help.
 *
 * @throws Error whose message names the fault: settings or event that cannot be used; and, unless the event
 *   is an SQS batch, a failed job, after all jobs have run
 */
export async function handler(
  event: unknown,
  context: Context,
): Promise<Report & Partial<SQSBatchResponse>> {
  logger.addContext(context);
  try {
    const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - MARGIN_MS));
    started ??= start();
    const { settings, connection } = await started.catch((error) => {
      started = undefined;
      throw error;
    });
    const batch = readBatch(event, settings.jobs);
    return batch
      ? await answerBatch(batch, settings, connection, signal)
      : await answer(readEvent(event, settings.jobs), connection, signal);
  } catch (error) {
    throw reported(asFault(error));
  }
}

async function start() {
  const folder = dirname(fileURLToPath(import.meta.url));
  const settings = await findSettings(undefined, folder, process.env);
  if (settings.ignored) logger.warn('variables ignored', { variables: settings.ignored });
  return {
    settings,
    connection: connect(settings, { env: process.env, trace: logAttempt }),
  };
}

/** Each call at level DEBUG. */
function logAttempt({ ms, ...attempted }: Attempted): void {
  logger.debug('call', { ...attempted, ms: Math.round(ms) });
}

async function answer(
  request: EventRequest,
  connection: Connection,
  signal: AbortSignal,
): Promise<Report> {
  if (request.kind === 'ignored') return ignored(request.why);
  const outcomes = await run(request, connection, signal);
  const failed = outcomes.filter(({ status }) => status === 'failed');
  const [first] = failed;
  if (first?.fault) {
    const names = [...new Set(failed.map(({ job }) => job.name))].join(', ');
    throw new Fault(
      first.fault.code,
      `${failed.length} of ${outcomes.length} lists failed (${names}); the first: ${first.fault.message}`,
      { remedy: first.fault.remedy, cause: first.fault },
    );
  }
  return toReport(outcomes);
}

/** One run for all messages. A message is returned to the queue only if a retry can help one of its jobs. */
async function answerBatch(
  { messages }: Batch,
  settings: Settings,
  connection: Connection,
  signal: AbortSignal,
): Promise<Report & SQSBatchResponse> {
  const failures = new Set<string>();
  const requests: { id: string; request: EventRequest }[] = [];
  for (const { id, request } of messages) {
    if (!(request instanceof Fault)) {
      requests.push({ id, request });
    } else {
      logger.error(request.message, { code: request.code, remedy: request.remedy, messageId: id });
      failures.add(id);
    }
  }
  let report: Report = { jobs: [] };
  if (requests.length > 0) {
    const union = unionOf(
      requests.map(({ request }) => request),
      settings.jobs,
    );
    if (union.kind === 'ignored') {
      report = ignored(union.why);
    } else {
      const outcomes = await run(union, connection, signal);
      report = toReport(outcomes);
      const again = new Set(outcomes.filter(({ fault }) => fault?.retryable).map(({ job }) => job));
      for (const { id, request } of requests) {
        if (request.kind === 'run' && request.jobs.some((job) => again.has(job))) failures.add(id);
      }
    }
  }
  return {
    ...report,
    batchItemFailures: [...failures].map((itemIdentifier) => ({ itemIdentifier })),
  };
}

async function run(
  request: EventRequest & { kind: 'run' },
  connection: Connection,
  signal: AbortSignal,
): Promise<Outcome[]> {
  const begun = performance.now();
  const ports =
    request.action === 'plan' ? { ...connection, objects: connection.dryRun } : connection;
  const outcomes = await sync(request.jobs, ports, {
    signal,
    forced: request.forced,
    showPaused: request.action === 'plan',
  });
  const durationMs = Math.round(performance.now() - begun);
  for (const outcome of outcomes) logOutcome(logger, outcome, durationMs, request.principals);
  if (request.action === 'sync') putMetrics(outcomes, durationMs, logger.functionName);
  return outcomes;
}

function ignored(why: string): Report {
  logger.info('ignored', { why });
  return { jobs: [], ignored: why };
}

/** The error of the invocation: the runtime prints its name and message, so these hold all that helps. */
function reported(fault: Fault): Error {
  const { code, message, remedy, details } = fault;
  logger.error(message, { code, remedy, ...(details.length > 0 && { details }) });
  const error = new Error(faultText(fault));
  error.name = 'FederationSyncError';
  // The stack of a refused event is of no use, and a cause may quote its input.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
