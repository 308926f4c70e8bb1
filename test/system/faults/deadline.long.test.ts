import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../support/emulators/faults.ts';
import { points } from './cells.ts';
import { World } from './world.ts';

const DEADLINE_MS = 600;
/** What may pass between the end of a run's time and the end of the run. */
const GRACE_MS = 400;

let world: World;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.close());

/** Each would take far longer than the run has. */
const endless: Record<string, (service: string) => Fault> = {
  'no answer': () => 'hang',
  'a long Retry-After': (service) => ({
    refuse: {
      status: service === 'kubernetes' ? 503 : 429,
      headers: { 'retry-after': '15' },
    },
  }),
};

/*
 * The time is that of a clock, and so is the second that the patterns of a run have: a machine that is busy elsewhere
 * can use up either. A run that misses its deadline by itself misses it every time.
 */
const options = { retry: 2 };

describe.each(points.map((point) => [point.name, point] as const))('%s', options, (_, point) => {
  test.each(Object.keys(endless))('%s: the run ends at its deadline', async (name) => {
    const { kind } = point;
    await world.reset(kind);
    world.change(kind);
    const connection = world.connectAsEver(kind);
    world.emulators.faults.decide = (call) =>
      point.matches(call) ? endless[name]?.(call.service) : undefined;
    const { outcome, milliseconds } = await world.run(kind, connection, {
      deadlineMs: DEADLINE_MS,
    });
    expect(outcome).toMatchObject({
      status: 'failed',
      // The outcome of a write is unknown.
      fault: { code: point.column === 'patch' ? 'write-unknown' : 'deadline', retryable: true },
    });
    expect(milliseconds).toBeGreaterThan(DEADLINE_MS - 50);
    expect(milliseconds).toBeLessThan(DEADLINE_MS + GRACE_MS);
    expect(world.text(kind)).toBe(world.old);
    // Over the same connections, as a function that is still warm.
    await world.clean(kind, world.new, connection);
  });
});
