import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBatch, readEvent } from '../../../src/event.ts';
import { Fault } from '../../../src/fault.ts';
import { checkSettings } from '../../../src/settings/parse.ts';

// Whatever arrives, it is understood or refused: in few words, and without force unless a person says so.

const { jobs } = checkSettings(
  {
    jobs: [
      {
        name: 'a',
        from: [{ zone: 'Z1' }],
        select: { name: 'x' },
        to: { file: 'a', format: 'file_sd' },
      },
      {
        name: '__proto__',
        from: [{ zone: 'Z2' }],
        select: { name: 'x' },
        to: { file: 'b', format: 'file_sd' },
      },
    ],
  },
  'settings',
  '/',
);

function read(event: unknown) {
  try {
    const request = readEvent(event, jobs);
    if (request.kind === 'run') expect(jobs).toEqual(expect.arrayContaining([...request.jobs]));
    return request;
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    const { code, message } = error as Fault;
    expect(code).toMatch(/^(event-refused|job-unknown)$/);
    expect(message.length).toBeLessThan(600);
    return undefined;
  }
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('__proto__', 'constructor', 'a', 'Z1', '/hostedzone/Z1', 'sync', 'aws.events'),
);
const json = fc.jsonValue({ maxDepth: 3 });
const like = fc.record(
  {
    'detail-type': fc.constantFrom('AWS API Call via CloudTrail', 'Scheduled Event'),
    source: fc.oneof(fc.constant('aws.events'), text),
    detail: fc.record(
      {
        eventSource: fc.constant('route53.amazonaws.com'),
        eventName: fc.constantFrom('ChangeResourceRecordSets', 'DeleteHostedZone', 'Other'),
        errorCode: fc.oneof(text, json),
        requestParameters: fc.oneof(json, fc.record({ hostedZoneId: text, id: text })),
      },
      { requiredKeys: [] },
    ),
    action: fc.oneof(fc.constantFrom('sync', 'plan'), text),
    jobs: fc.oneof(fc.array(text), json),
    force: fc.oneof(fc.boolean(), json),
  },
  { requiredKeys: [] },
);

test('any event, and any like ours', () => {
  fc.assert(
    fc.property(fc.oneof(json, like), (event) => void read(event)),
    { numRuns: 500 },
  );
});

test('any message in a queue; none of them forces', () => {
  const body = fc.oneof(
    fc.oneof(json, like).map((event) => JSON.stringify(event)),
    text,
  );
  fc.assert(
    fc.property(fc.array(body, { minLength: 1, maxLength: 5 }), (bodies) => {
      const Records = bodies.map((it, i) => ({
        eventSource: 'aws:sqs',
        messageId: `m${i}`,
        body: it,
      }));
      const batch = readBatch({ Records }, jobs);
      expect(batch?.messages).toHaveLength(bodies.length);
      for (const { request } of batch?.messages ?? []) {
        if (request instanceof Fault) expect(request.message.length).toBeLessThan(600);
        else if (request.kind === 'run') expect(request.forced.size).toBe(0);
      }
    }),
    { numRuns: 300 },
  );
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['long keys', { ['k'.repeat(100_000)]: 1 }],
  ['a long source', { source: 's'.repeat(100_000), detail: { eventName: 'e'.repeat(100_000) } }],
  ['a long list of jobs', { jobs: Array(10_000).fill('nobody') }],
  ['a long name of a job', { jobs: ['n'.repeat(100_000)] }],
  ['deep nesting', JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)],
  ['a prototype', JSON.parse('{"__proto__": {"action": "sync"}}')],
])('%s is refused in few words', (_, event) => {
  expect(read(event)).toBeUndefined();
});
