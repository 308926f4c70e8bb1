import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { readBatch, readEvent } from '../../src/event.ts';

/*
 * The accepted shapes once more, with a schema library. The function checks them without one, because it would load it
 * for nothing else.
 */

const Sqs = z.object({
  Records: z
    .array(z.object({ eventSource: z.literal('aws:sqs'), messageId: z.string(), body: z.string() }))
    .check(z.minLength(1)),
});
const CloudTrail = z.object({
  'detail-type': z.literal('AWS API Call via CloudTrail'),
  detail: z.object({
    eventSource: z.literal('route53.amazonaws.com'),
    eventName: z.enum(['ChangeResourceRecordSets', 'DeleteHostedZone']),
    eventTime: z.optional(z.string()),
    errorCode: z.nullish(z.string()),
  }),
});
const Schedule = z.object({
  source: z.enum(['aws.events', 'aws.scheduler']),
  'detail-type': z.literal('Scheduled Event'),
});
const ByHand = z.strictObject({
  action: z.optional(z.enum(['sync', 'plan', 'verify', 'coverage'])),
  jobs: z.optional(z.array(z.string()).check(z.minLength(1))),
  force: z.optional(z.boolean()),
});

const EVENTS = [
  { Records: [{ eventSource: 'aws:sqs', messageId: '1', body: '{}' }] },
  {
    'detail-type': 'AWS API Call via CloudTrail',
    detail: {
      eventSource: 'route53.amazonaws.com',
      eventName: 'ChangeResourceRecordSets',
      eventTime: '2026-11-27T00:00:00Z',
      errorCode: null,
    },
  },
  { source: 'aws.events', 'detail-type': 'Scheduled Event' },
  { action: 'plan', jobs: ['federate'], force: false },
  {},
];

const value = fc.constantFrom<unknown>(
  ...[undefined, null, true, 0, '', 'federate', 'verify', 'AccessDenied', 'DeleteHostedZone'],
  ...['aws.scheduler', 'aws:sqs', [], ['federate'], [1], {}, { a: 1 }],
);

/** One field of the event, at any depth, set to another value, removed, or added. */
const altered = fc
  .record({
    event: fc.constantFrom<unknown>(...EVENTS),
    steps: fc.array(fc.nat(4)),
    value,
    how: fc.nat(2),
  })
  .map(({ event, steps, value: other, how }) => {
    const copy = structuredClone(event) as Record<string, unknown>;
    let at: Record<string, unknown> = copy;
    for (const step of steps) {
      const inner = Object.values(at)[step];
      if (typeof inner === 'object' && inner !== null) at = inner as typeof at;
    }
    const keys = Object.keys(at);
    const key = how === 2 ? 'more' : (keys[steps.length % Math.max(1, keys.length)] ?? 'action');
    if (how === 1 && Array.isArray(at)) at.splice(Number(key), 1);
    else if (how === 1) delete at[key];
    else at[key] = other;
    return copy;
  });

test('the same events are accepted, as the same kind, as by a schema', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.oneof({ weight: 9, arbitrary: altered }, { weight: 1, arbitrary: value }),
      (event) => {
        const isBatch = Sqs.safeParse(event).success;
        expect(readBatch(event, []) !== undefined).toBe(isBatch);
        const accepted = [CloudTrail, Schedule, ByHand].some(
          (shape) => shape.safeParse(event).success,
        );
        let code = 'accepted';
        try {
          readEvent(event, []);
        } catch (error) {
          ({ code } = error as { code: string });
          // Accepted, but it names a job of settings that have none, or forces without one.
          if (ByHand.safeParse(event).success) code = 'accepted';
        }
        expect(code).toBe(accepted ? 'accepted' : 'event-refused');
        seen.add(`${isBatch} ${code}`);
      },
    ),
    { numRuns: 20_000 },
  );
  expect(seen.size).toBe(3);
});
