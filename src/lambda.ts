import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { type Connection, connect } from './connect.ts';
import { type Batch, type EventRequest, readBatch, readEvent, unionOf } from './event.ts';
import { asFault, Fault, faultText } from './fault.ts';
import { expecting, type Settings } from './job.ts';
import type { Coverage } from './lambda-coverage.ts';
import { Logger, logOutcome, logVerdict } from './lambda-log.ts';
import { metricsOf, putMetrics } from './lambda-metrics.ts';
import { isKnown, type Outcome, type Report, toReport } from './report.ts';
import { type Attempted, monotonicMs } from './run.ts';
import { readPackaged } from './settings/packaged.ts';
import { sync } from './sync.ts';
import { type Verdict, verdictJson } from './verify/verdict.ts';

/*
 * What only some runs need (verify, coverage, servers, roles of other accounts) is imported when a run needs it. In a
 * packaged function each of these is a file of its own; see infra/build.ts.
 */

/** Reserved from the Lambda's time, so that a run that takes too long still ends with a clear error. */
const MARGIN_MS = 1_500;

const logger = new Logger();

/** Read once per execution environment; faulty settings are read again at the next event. */
let started: Promise<{ settings: Settings; connection: Connection }> | undefined;

/** What the function answers: the report of a run, with what a scheduled run found out; or of `verify` or `coverage`. */
type Answer =
  | (Report & { readonly verified?: Verified; readonly coverage?: Coverage })
  | Verified
  | Coverage;

interface Verified {
  readonly agrees: boolean;
  readonly jobs: readonly ReturnType<typeof verdictJson>[];
}

/**
 * The Lambda. Returns a report; for SQS also `batchItemFailures`, the messages that a retry may help.
 *
 * @throws Error whose message names the fault: settings or event that cannot be used; and, unless the event
 *   is an SQS batch, a failed job, after all jobs have run
 */
export async function handler(
  event: unknown,
  context: Context,
): Promise<Answer & Partial<SQSBatchResponse>> {
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
  const settings = readPackaged(folder, process.env) ?? (await find(folder));
  if (settings.ignored) logger.warn('variables ignored', { variables: settings.ignored });
  return {
    settings,
    connection: connect(settings, { env: process.env, trace: logAttempt }),
  };
}

/** Not in a packaged function, whose settings are data. */
async function find(folder: string): Promise<Settings> {
  const { findSettings } = await import('./settings/find.ts');
  return findSettings(undefined, folder, process.env);
}

/** Each call at level DEBUG. */
function logAttempt({ ms, ...attempted }: Attempted): void {
  logger.debug('call', { ...attempted, ms: Math.round(ms) });
}

async function answer(
  request: EventRequest,
  connection: Connection,
  signal: AbortSignal,
): Promise<Answer> {
  if (request.kind === 'ignored') return ignored(request.why);
  if (request.action === 'verify') return verifyByHand(request, connection, signal);
  if (request.action === 'coverage') return coverByHand(request, connection, signal);
  const { outcomes, verdicts, coverage } = await run(request, connection, signal);
  throwFailed(
    outcomes.filter(({ status }) => status === 'failed'),
    outcomes.length,
    'failed',
  );
  return {
    ...toReport(outcomes),
    ...(verdicts.length > 0 && { verified: verified(verdicts) }),
    ...(coverage && { coverage }),
  };
}

/** @throws Fault of the first list, and how many there are */
function throwFailed(
  failed: readonly Pick<Outcome, 'job' | 'fault'>[],
  all: number,
  what: string,
): void {
  const [first] = failed;
  if (!first?.fault) return;
  const { code, message, remedy } = first.fault;
  const names = [...new Set(failed.map(({ job }) => job.name))].join(', ');
  throw new Fault(
    code,
    `${failed.length} of ${all} lists ${what} (${names}); the first: ${message}`,
    {
      remedy,
      cause: first.fault,
    },
  );
}

async function verifyByHand(
  { jobs }: Run,
  connection: Connection,
  signal: AbortSignal,
): Promise<Verified> {
  const { verify } = await import('./verify/verify.ts');
  const verdicts = await verify(jobs, { ...connection, objects: connection.dryRun }, { signal });
  for (const verdict of verdicts) logVerdict(logger, verdict);
  throwFailed(
    verdicts.filter(({ fault }) => fault),
    verdicts.length,
    'could not be verified',
  );
  return verified(verdicts);
}

/** @throws Fault of what could not be found out, if there is any; what was is in the log */
async function coverByHand(
  { jobs }: Run,
  connection: Connection,
  signal: AbortSignal,
): Promise<Coverage> {
  const { coverageByHand, coverageJson } = await import('./lambda-coverage.ts');
  const all = await coverageByHand(jobs, connection, logger, signal);
  const faults = all.flatMap((one) => one.faults.map((fault) => ({ job: one.job, fault })));
  throwFailed(faults, all.length, 'could not be compared with their clusters');
  return coverageJson(all);
}

const verified = (verdicts: readonly Verdict[]): Verified => ({
  agrees: verdicts.every(({ agrees }) => agrees),
  jobs: verdicts.map(verdictJson),
});

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
      const { outcomes } = await run(union, connection, signal);
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

type Run = EventRequest & { kind: 'run' };

async function run(
  request: Run,
  connection: Connection,
  signal: AbortSignal,
): Promise<{
  outcomes: readonly Outcome[];
  verdicts: readonly Verdict[];
  coverage?: Coverage;
}> {
  const begun = monotonicMs();
  const isScheduled = request.action === 'sync' && request.trigger === 'schedule';
  const expects = isScheduled ? expecting(request.jobs) : [];
  const covering = expects.length > 0 ? await import('./lambda-coverage.ts') : undefined;
  // Kept only for coverage: it is all the records of a zone.
  const records = covering && new covering.KeptRecords(connection.records);
  const ports = {
    ...connection,
    ...(request.action === 'plan' && { objects: connection.dryRun }),
    ...(records && { records }),
  };
  const outcomes = await sync(request.jobs, ports, {
    signal,
    forced: request.forced,
    showPaused: request.action === 'plan',
  });
  const durationMs = Math.round(monotonicMs() - begun);
  for (const outcome of outcomes) logOutcome(logger, outcome, durationMs, request.principals);
  if (request.action !== 'sync') return { outcomes, verdicts: [] };
  const verdicts = isScheduled ? await scheduled(outcomes, connection, signal) : [];
  putMetrics(metricsOf(outcomes, verdicts, request), logger.functionName, durationMs);
  if (!covering || !records) return { outcomes, verdicts };
  const after = { records, outcomes, verdicts };
  const coverage = await covering.coverageOfRun(expects, after, connection, logger, signal);
  return { outcomes, verdicts, coverage };
}

/**
 * Compares with the servers what a scheduled run found or left in the lists. A URL may be out of the function's
 * reach, so only servers behind a service of the cluster are asked. A list that was written just now is not: its
 * server has had no time to load it, unless the run waited for that.
 */
async function scheduled(
  outcomes: readonly Outcome[],
  { servers }: Connection,
  signal: AbortSignal,
): Promise<Verdict[]> {
  const settled = outcomes
    .filter(
      (outcome) => isKnown(outcome) && (!outcome.written || outcome.loadedAfterMs !== undefined),
    )
    .map((outcome) => ({
      ...outcome,
      place: { ...outcome.place, servers: outcome.place.servers.filter((it) => 'service' in it) },
    }))
    .filter(({ place }) => place.servers.length > 0);
  if (settled.length === 0) return [];
  const { verifyWritten } = await import('./verify/verify.ts');
  const verdicts = await verifyWritten(settled, servers, { signal });
  for (const verdict of verdicts) logVerdict(logger, verdict);
  return verdicts;
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
