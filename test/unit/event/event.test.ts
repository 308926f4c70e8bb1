import { describe, expect, test } from 'vitest';
import { type EventRequest, jobsNamed, readBatch, readEvent, unionOf } from '../../../src/event.ts';
import { Fault } from '../../../src/fault.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import {
  changeEvent,
  changeOf,
  deleteEvent,
  scheduleEvent,
  schedulerEvent,
  sqsEvent,
} from './events.ts';

const ZONE = 'Z08214473FVAJ9QTLWTEC';
const job = (name: string, ...from: object[]) => ({
  name,
  from,
  select: { name: '.' },
  to: { file: `${name}.json`, format: 'file_sd' },
});
const { jobs } = checkSettings(
  {
    jobs: [
      job('a', { zone: ZONE }),
      job('b', { zone: 'Z2' }, { zone: ZONE }),
      job('c', { zone: 'Z3' }),
      job('d', { records: 'zone.json' }),
    ],
  },
  'test',
  '/',
);

/** `sync a b`, `sync! a` where forced, `ignored: why` */
function text(request: EventRequest): string {
  if (request.kind === 'ignored') return `ignored: ${request.why}`;
  const names = request.jobs.map(({ name }) => `${name}${request.forced.has(name) ? '!' : ''}`);
  return [request.action, ...names].join(' ');
}
const read = (event: unknown) => text(readEvent(event, jobs));
const refusal = (event: unknown): Fault => {
  try {
    readEvent(event, jobs);
  } catch (error) {
    if (error instanceof Fault) return error;
  }
  throw new Error('the event was taken');
};

describe('a change that CloudTrail tells of', () => {
  test('is about the jobs that name its zone', () => {
    expect(read(changeEvent())).toBe('sync a b');
    expect(read(changeOf('Z3'))).toBe('sync c');
    expect(read(deleteEvent())).toBe('sync a b');
  });

  test.each([`/hostedzone/${ZONE}`, `hostedzone/${ZONE}`, ZONE])('names its zone as %s', (id) => {
    expect(read(changeOf(id))).toBe('sync a b');
  });

  test('that failed changed nothing', () => {
    expect(read(changeEvent({ errorCode: 'InvalidChangeBatch', errorMessage: 'x' }))).toBe(
      'ignored: the API call failed (InvalidChangeBatch), so it changed nothing',
    );
  });

  test('of a zone that no job names is ignored', () => {
    expect(read(changeOf('Z9'))).toBe('ignored: no job names zone Z9');
  });

  test.each<[string, unknown]>([
    ['is null', null],
    ['says nothing', {}],
    ['is absent', undefined],
    ['was cut', { requestParameters: 'truncated' }],
    ['names no text', { hostedZoneId: 5 }],
  ])('without a zone id is about all jobs: requestParameters %s', (_, requestParameters) => {
    expect(read(changeEvent({ requestParameters }))).toBe('sync a b c d');
  });

  test('never says which records there are', () => {
    const request = readEvent(changeEvent(), jobs);
    expect(JSON.stringify(request)).not.toContain('cluster7');
  });
});

describe('a schedule', () => {
  test('looks at all jobs', () => {
    expect(read(scheduleEvent())).toBe('sync a b c d');
    expect(read(schedulerEvent())).toBe('sync a b c d');
  });
});

describe('a call by hand', () => {
  test.each([
    [{}, 'sync a b c d'],
    [{ action: 'sync' }, 'sync a b c d'],
    [{ action: 'plan' }, 'plan a b c d'],
    [{ jobs: ['c'] }, 'sync c'],
    // In the order of the settings, each once.
    [{ jobs: ['c', 'a', 'c'] }, 'sync a c'],
    [{ action: 'plan', jobs: ['a'] }, 'plan a'],
    [{ jobs: ['a', 'b'], force: true }, 'sync a! b!'],
    [{ action: 'plan', jobs: ['a'], force: true }, 'plan a!'],
    [{ force: false }, 'sync a b c d'],
  ])('%j: %s', (event, expected) => {
    expect(read(event)).toBe(expected);
  });

  test('cannot force all jobs', () => {
    expect(refusal({ force: true })).toMatchObject({
      code: 'event-refused',
      message: 'force requires jobs: name the jobs that may bypass the guard',
      remedy: 'Send {"action": "sync", "jobs": ["NAME"], "force": true}.',
    });
  });

  test('names jobs that there are', () => {
    expect(refusal({ jobs: ['a', 'x', 'y'] })).toMatchObject({
      code: 'job-unknown',
      message: 'the settings have no job x, y; they have a, b, c, d',
    });
  });
});

describe('anything else is refused, and told what is accepted', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'nothing'],
    ['null', null, 'null'],
    ['text', 'sync', '"sync"'],
    ['a list', [], 'a list'],
    ['an unknown key', { action: 'sync', job: 'a' }, 'the keys action, job'],
    ['another action', { action: 'delete' }, 'the keys action'],
    ['no jobs', { jobs: [] }, 'the keys jobs'],
    ['jobs that are not a list', { jobs: 'a' }, 'the keys jobs'],
    ['force that is no boolean', { jobs: ['a'], force: 'yes' }, 'the keys jobs, force'],
    [
      'another call',
      changeEvent({ eventName: 'CreateHostedZone' }),
      'aws.route53 CreateHostedZone',
    ],
    ["another service's call", changeEvent({ eventSource: 'ec2.amazonaws.com' }), 'aws.route53'],
    ['another event', { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change' }, 'aws.ec2'],
    ['a queue of another service', { Records: [{ eventSource: 'aws:s3' }] }, 'the keys Records'],
    ['an empty batch', { Records: [] }, 'the keys Records'],
  ])('%s', (_, event, named) => {
    const fault = refusal(event);
    expect(fault).toMatchObject({ code: 'event-refused', retryable: false });
    expect(fault.message).toContain(named);
    expect(fault.remedy).toContain('CloudTrail');
    expect(fault.remedy).toContain('"action"');
    expect(readBatch(event, jobs)).toBeUndefined();
  });

  test.each([
    [{ action: 'Sync' }, 'action must be one of sync, plan, verify, coverage; did you mean sync?'],
    [{ action: 'verfy' }, 'action must be one of sync, plan, verify, coverage'],
    [{ action: 5 }, 'action must be one of sync, plan, verify, coverage'],
    [{ job: ['a'] }, 'unknown key job; did you mean jobs?'],
    [{ forced: true }, 'unknown key forced; did you mean force?'],
    [{ jobs: 'a' }, 'jobs must be a list of names'],
    [[], 'a list'],
  ])('with the bad value, and the nearest good one: %j', (event, text) => {
    expect(refusal(event).message).toContain(text);
  });

  test('and named in a line, however long it is', () => {
    expect(refusal('x'.repeat(300)).message).toBe(
      `this function does not handle "${'x'.repeat(39)}`,
    );
    const keys = (name: (i: number) => string) =>
      Object.fromEntries(Array.from({ length: 9 }, (_, i) => [name(i), 1]));
    expect(refusal(keys((i) => `k${i}`)).message).toBe(
      'this function does not handle an object with the keys k0, k1, k2, k3, k4',
    );
    expect(refusal({ ['k'.repeat(200)]: 1 }).message).toMatch(/keys k{200}$/);
    expect(refusal({ ['k'.repeat(201)]: 1 }).message).toMatch(/keys k{199}…$/);
  });

  test('without its contents', () => {
    const { message } = refusal({ password: 'secret', detail: { token: 'secret' } });
    expect(message).not.toContain('secret');
  });
});

describe('a batch of a queue', () => {
  const read = (...bodies: unknown[]) => readBatch(sqsEvent(...bodies), jobs)?.messages;
  const messages = (...bodies: unknown[]) => {
    return read(...bodies)?.map(({ id, request }) =>
      request instanceof Fault ? `${id} ${request.code}` : `${id} ${text(request)}`,
    );
  };
  const union = (...bodies: unknown[]) => {
    const requests = read(...bodies)?.map(({ request }) => request);
    return text(unionOf((requests ?? []) as EventRequest[], jobs));
  };

  test('is read message by message', () => {
    expect(messages(changeEvent(), changeOf('Z9'), scheduleEvent(), { jobs: ['c'] })).toEqual([
      'm0 sync a b',
      'm1 ignored: no job names zone Z9',
      'm2 sync a b c d',
      'm3 sync c',
    ]);
  });

  test('is not spoilt by a malformed message', () => {
    const bodies = [
      'not JSON',
      '',
      'null',
      '{"x":1}',
      { jobs: ['x'] },
      sqsEvent({}),
      changeEvent(),
    ];
    expect(messages(...bodies)).toEqual([
      'm0 event-refused',
      'm1 event-refused',
      'm2 event-refused',
      'm3 event-refused',
      'm4 job-unknown',
      'm5 event-refused',
      'm6 sync a b',
    ]);
  });

  test('says what is wrong with a message', () => {
    expect(read('{', { jobs: ['a'], force: true })?.map(({ request }) => request)).toMatchObject([
      {
        code: 'event-refused',
        message: 'the message is not JSON',
        cause: expect.any(SyntaxError),
      },
      {
        code: 'event-refused',
        message: 'a message in a queue must not force',
      },
    ]);
  });

  test('is one run over the union of what its messages touch', () => {
    expect(union(changeOf('Z3'), changeEvent(), changeEvent(), changeOf('Z9'))).toBe('sync a b c');
    expect(union(changeOf('Z3'), scheduleEvent())).toBe('sync a b c d');
    expect(union(changeOf('Z9'), changeOf('Z3'))).toBe('sync c');
    const [first] = read(changeOf('Z3')) ?? [];
    expect(unionOf([first?.request as EventRequest], jobs)).toMatchObject({ kind: 'run' });
  });

  test('is ignored if all its messages are', () => {
    expect(union(changeOf('Z9'), changeEvent({ errorCode: 'x' }))).toBe(
      'ignored: no job names zone Z9',
    );
  });

  test('syncs nothing that was only to be planned', () => {
    expect(union({ action: 'plan', jobs: ['a'] }, changeOf('Z3'))).toBe('sync c');
    expect(union({ action: 'plan', jobs: ['a'] })).toBe('plan a');
  });
});

test('jobs are named, or all', () => {
  expect(jobsNamed(undefined, jobs)).toEqual(jobs);
  expect(jobsNamed(['b'], jobs).map(({ name }) => name)).toEqual(['b']);
  expect(() => jobsNamed(['a', 'B'], jobs)).toThrowError(
    expect.objectContaining({ code: 'job-unknown' }),
  );
});
