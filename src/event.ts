import { Fault } from './fault.ts';
import { type Job, zoneId } from './job.ts';
import { fieldsOf, isFlag, isListOf, isObject, isOptional, isText } from './shape.ts';
import { cut } from './wording.ts';

const ACTIONS = ['sync', 'plan', 'verify', 'coverage'] as const;
export type Action = (typeof ACTIONS)[number];

/** What an event requests. Its record data is never used: an event only means "look again". */
export type EventRequest =
  | {
      readonly kind: 'run';
      readonly action: Action;
      readonly trigger: 'event' | 'schedule' | 'hand';
      /** When the records changed, by CloudTrail's eventTime, in milliseconds since 1970; of several, the first. */
      readonly changedAt: number | undefined;
      readonly jobs: readonly Job[];
      /** Names of the jobs that bypass the guard. */
      readonly forced: ReadonlySet<string>;
      /** ARNs of those who changed the records, as CloudTrail names them; for the log only. */
      readonly principals: readonly string[];
    }
  | { readonly kind: 'ignored'; readonly why: string };

/** The messages of an SQS batch, each with its request, or why it was refused. */
export interface Batch {
  readonly messages: readonly { readonly id: string; readonly request: EventRequest | Fault }[];
}

interface Message {
  readonly messageId: string;
  readonly body: string;
}

/** Of an SQS batch; undefined for anything else. */
function messagesIn(event: unknown): readonly Message[] | undefined {
  const { Records } = fieldsOf(event);
  const isMessage = (record: unknown): record is Message => {
    const { eventSource, messageId, body } = fieldsOf(record);
    return eventSource === 'aws:sqs' && isText(messageId) && isText(body);
  };
  return isListOf(Records, isMessage) && Records.length > 0 ? Records : undefined;
}

interface CloudTrailDetail {
  readonly eventTime?: string;
  readonly errorCode?: string | null;
  readonly requestParameters?: unknown;
  readonly userIdentity?: unknown;
}

/** Documented in "AWS service events delivered via CloudTrail"; requestParameters is absent from large events. */
function callIn(event: unknown): CloudTrailDetail | undefined {
  const { 'detail-type': type, detail } = fieldsOf(event);
  const { eventSource, eventName, eventTime, errorCode } = fieldsOf(detail);
  const isChange =
    type === 'AWS API Call via CloudTrail' &&
    eventSource === 'route53.amazonaws.com' &&
    (eventName === 'ChangeResourceRecordSets' || eventName === 'DeleteHostedZone') &&
    (eventTime === undefined || isText(eventTime)) &&
    isOptional(errorCode, isText);
  return isChange ? (detail as CloudTrailDetail) : undefined;
}

/** EventBridge rules on a schedule, and EventBridge Scheduler without a custom input. */
function isSchedule(event: unknown): boolean {
  const { source, 'detail-type': type } = fieldsOf(event);
  return (source === 'aws.events' || source === 'aws.scheduler') && type === 'Scheduled Event';
}

interface ByHand {
  readonly action?: Action;
  readonly jobs?: readonly string[];
  readonly force?: boolean;
}

function isByHand(event: unknown): event is ByHand {
  if (!isObject(event)) return false;
  const { action, jobs, force, ...others } = event;
  return (
    Object.keys(others).length === 0 &&
    (action === undefined || ACTIONS.some((one) => one === action)) &&
    (jobs === undefined || (isListOf(jobs, isText) && jobs.length > 0)) &&
    (force === undefined || isFlag(force))
  );
}

/**
 * What an event other than an SQS batch requests.
 *
 * @throws Fault `event-refused`, `job-unknown`
 */
export function readEvent(event: unknown, jobs: readonly Job[]): EventRequest {
  const call = callIn(event);
  if (call) return ofCall(call, jobs);
  if (isSchedule(event)) return look('schedule', jobs);
  if (isByHand(event)) return byHand(event, jobs);
  throw new Fault(
    'event-refused',
    `this function does not handle ${nameOf(event)}${nearOf(event)}`,
  );
}

/** The event as an SQS batch, or undefined. A malformed message does not affect the others. */
export function readBatch(event: unknown, jobs: readonly Job[]): Batch | undefined {
  const messages = messagesIn(event);
  return (
    messages && {
      messages: messages.map(({ messageId, body }) => ({
        id: messageId,
        request: readMessage(body, jobs),
      })),
    }
  );
}

function readMessage(body: string, jobs: readonly Job[]): EventRequest | Fault {
  try {
    const request = readEvent(JSON.parse(body), jobs);
    if (request.kind === 'run' && request.forced.size > 0) {
      return new Fault('event-refused', 'a message in a queue must not force');
    }
    return request;
  } catch (error) {
    if (error instanceof Fault) return error;
    return new Fault('event-refused', 'the message is not JSON', { cause: error });
  }
}

/** Of a batch, in one log line. */
const MOST_PRINCIPALS = 10;

/** One run over the union of what the messages of a batch request. */
export function unionOf(requests: readonly EventRequest[], jobs: readonly Job[]): EventRequest {
  const runs = requests.filter((request) => request.kind === 'run');
  const [ignored] = requests;
  if (runs.length === 0 && ignored?.kind === 'ignored') return ignored;
  // Nobody reads the plan of a queued message: where anything is to be synced, it is ignored.
  const syncs = runs.filter(({ action }) => action === 'sync');
  const served = syncs.length > 0 ? syncs : runs;
  const asked = new Set(served.flatMap((run) => run.jobs));
  const times = served.flatMap(({ changedAt }) => changedAt ?? []);
  return {
    kind: 'run',
    action: syncs.length > 0 ? 'sync' : 'plan',
    // A run for an event as well is no sign that events are missing.
    trigger: served.every(({ trigger }) => trigger === 'schedule') ? 'schedule' : 'event',
    changedAt: times.length > 0 ? Math.min(...times) : undefined,
    jobs: jobs.filter((job) => asked.has(job)),
    forced: new Set(),
    principals: [...new Set(runs.flatMap((run) => run.principals))].slice(0, MOST_PRINCIPALS),
  };
}

/**
 * The jobs of these names, all of them for undefined.
 *
 * @throws Fault `job-unknown`
 */
export function jobsNamed(
  names: readonly string[] | undefined,
  jobs: readonly Job[],
): readonly Job[] {
  if (names === undefined) return jobs;
  const unknown = names.filter((name) => !jobs.some((job) => job.name === name));
  if (unknown.length > 0) {
    const known = jobs.map(({ name }) => name).join(', ');
    throw new Fault(
      'job-unknown',
      `the settings have no job ${short(unknown.join(', '))}; they have ${known}`,
    );
  }
  return jobs.filter(({ name }) => names.includes(name));
}

function byHand(hand: ByHand, jobs: readonly Job[]): EventRequest {
  if (hand.force && hand.jobs === undefined) {
    throw new Fault(
      'event-refused',
      'force requires jobs: name the jobs that may bypass the guard',
      { remedy: 'Send {"action": "sync", "jobs": ["NAME"], "force": true}.' },
    );
  }
  return {
    ...look('hand', jobs),
    action: hand.action ?? 'sync',
    jobs: jobsNamed(hand.jobs, jobs),
    forced: new Set(hand.force ? hand.jobs : []),
  };
}

function ofCall(detail: CloudTrailDetail, jobs: readonly Job[]): EventRequest {
  if (detail.errorCode) {
    return {
      kind: 'ignored',
      why: `the API call failed (${detail.errorCode}), so it changed nothing`,
    };
  }
  const zone = zoneIn(detail.requestParameters);
  const principals = principalIn(detail.userIdentity);
  const changedAt = Date.parse(detail.eventTime ?? '') || undefined;
  if (!zone) return { ...look('event', jobs), changedAt, principals };
  const touched = jobs.filter(({ from }) =>
    from.some(({ source }) => 'zone' in source && source.zone === zone),
  );
  if (touched.length === 0) return { kind: 'ignored', why: `no job names zone ${zone}` };
  return { ...look('event', touched), changedAt, principals };
}

/** The hosted zone's id: `hostedZoneId` of ChangeResourceRecordSets, `id` of DeleteHostedZone. */
function zoneIn(requestParameters: unknown): string | undefined {
  const { hostedZoneId, id } = fieldsOf(requestParameters);
  const zone = hostedZoneId ?? id;
  return typeof zone === 'string' ? zoneId(zone) : undefined;
}

/** The caller's ARN; a service of AWS has none. */
function principalIn(userIdentity: unknown): string[] {
  const { arn } = fieldsOf(userIdentity);
  return isText(arn) ? [short(arn)] : [];
}

function look(trigger: 'event' | 'schedule' | 'hand', jobs: readonly Job[]) {
  const rest = { changedAt: undefined, forced: new Set<string>(), principals: [] };
  return { kind: 'run', action: 'sync', trigger, jobs, ...rest } as const;
}

/** What a person who wrote the event by hand may have intended. */
function nearOf(event: unknown): string {
  if (typeof event !== 'object' || event === null) return '';
  const { action, jobs, ...others } = event as Record<string, unknown>;
  if (action !== undefined && !ACTIONS.some((one) => one === action)) {
    const near = typeof action === 'string' ? alike(action, ACTIONS) : undefined;
    return `: action must be one of ${ACTIONS.join(', ')}${near ? `; did you mean ${near}?` : ''}`;
  }
  if (jobs !== undefined && !Array.isArray(jobs)) return ': jobs must be a list of names';
  const unknown = Object.keys(others).find((key) => key !== 'force');
  const near = unknown && alike(unknown, ['action', 'jobs', 'force']);
  return near ? `: unknown key ${short(unknown)}; did you mean ${near}?` : '';
}

/** The candidate that is written otherwise, or has another ending. */
function alike(word: string, candidates: readonly string[]): string | undefined {
  const small = word.toLowerCase();
  return candidates.find((one) => one.startsWith(small) || small.startsWith(one));
}

/** A refused event by name, without its contents. */
function nameOf(event: unknown): string {
  if (Array.isArray(event)) return 'a list';
  if (typeof event !== 'object' || event === null)
    return JSON.stringify(event)?.slice(0, 40) ?? 'nothing';
  const { source, detail } = event as { source?: unknown; detail?: { eventName?: unknown } };
  const name = [source, detail?.eventName].filter((it) => typeof it === 'string').join(' ');
  if (name) return short(name);
  const keys = Object.keys(event).slice(0, 5).join(', ');
  return keys ? `an object with the keys ${short(keys)}` : 'an empty object';
}

/** Text from outside, cut to fit a line of a log. */
const short = (text: string) => cut(text, 200);
