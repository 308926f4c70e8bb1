import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/connect.ts';
import { connect } from '../../../src/connect.ts';
import { Fault } from '../../../src/fault.ts';
import { objectOf } from '../../../src/location.ts';
import { Route53 } from '../../../src/records/route53.ts';
import type { Call } from '../../support/emulators/faults.ts';
import type { WireResponse } from '../../support/emulators/wire/server.ts';
import { quickRetries } from '../faults/quick-retries.ts';
import { World } from '../faults/world.ts';

/*
 * Answers that are whole as far as HTTP can tell, and end anywhere: a proxy that gave up, a cache that filled up.
 * Parsers of XML are patient, so each answer is cut at every byte, where what it says may still look complete.
 */

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.close());

/** Cuts every answer of that operation; `length` learns how long it is. */
function cutting(operation: string, matches: (call: Call) => boolean = () => true) {
  const { faults } = world.emulators;
  const state = { at: Number.POSITIVE_INFINITY, length: 0 };
  const change = ({ body = '', ...answer }: WireResponse) => {
    const bytes = Buffer.from(body);
    state.length = bytes.length;
    return { ...answer, body: bytes.subarray(0, state.at) };
  };
  faults.clear();
  faults.decide = (call) =>
    call.operation === operation && matches(call) ? { change } : undefined;
  return state;
}

/** One attempt at each: what is refused at once need not be refused again. */
const fresh = (): Connection =>
  connect(world.settings('ConfigMap'), {
    env: process.env,
    retryStrategy: quickRetries(1),
    kubernetes: { attempts: 1 },
  });
const run = { signal: new AbortController().signal };
const source = () => {
  const [from] = world.settings('ConfigMap').jobs[0]?.from ?? [];
  return from?.source as { zone: string };
};

async function atEveryByte(
  state: { at: number; length: number },
  ask: () => Promise<unknown>,
  step = 1,
): Promise<void> {
  const whole = await ask();
  expect(state.length).toBeGreaterThan(100);
  let complete = 0;
  for (let at = 0; at < state.length; at += step) {
    state.at = at;
    const got = await ask().catch((error: unknown) => error);
    if (got instanceof Error) expect(got).toBeInstanceOf(Fault);
    else {
      expect(got, `cut at ${at} of ${state.length}`).toEqual(whole);
      complete += 1;
    }
  }
  console.log(`${Math.ceil(state.length / step)} cuts: ${complete} harmless, the others refused`);
}

describe('a cut answer is refused, or says all that matters', () => {
  beforeEach(() => world.reset('ConfigMap'));

  test('GetHostedZone', async () => {
    const state = cutting('GetHostedZone');
    const { aws } = fresh();
    await atEveryByte(state, async () => {
      const zones = new Route53({ client: async (it) => aws.route53(it) });
      const { Name, Config } = await zones.zone(source(), run);
      return { Name, isPrivate: Config?.PrivateZone };
    });
  });

  test.each([
    ['page 1', (call: Call) => !call.path.includes('type=')],
    ['page 2', (call: Call) => call.path.includes('type=')],
  ])('ListResourceRecordSets, %s', async (page, matches) => {
    const state = cutting('ListResourceRecordSets', matches);
    const { records } = fresh();
    const step = page === 'page 1' ? 149 : 3;
    await atEveryByte(state, () => records.list(source(), undefined, run), step);
  });

  test('the end of page 1, where the next one begins', async () => {
    const state = cutting('ListResourceRecordSets', (call) => !call.path.includes('type='));
    const { records } = fresh();
    const list = () => records.list(source(), undefined, run);
    const whole = await list();
    for (let back = 1; back < 420; back++) {
      state.at = state.length - back;
      const got = await list().catch((error: unknown) => error);
      if (got instanceof Error) expect(got).toBeInstanceOf(Fault);
      else expect(got, `${back} bytes before the end`).toEqual(whole);
    }
  });

  test('AssumeRole', async () => {
    const state = cutting('AssumeRole');
    await atEveryByte(state, async () => {
      const { config } = fresh().aws.route53(source());
      const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials();
      return [accessKeyId, secretAccessKey, sessionToken].map((text) => text?.length);
    });
  });

  test('DescribeCluster', async () => {
    const state = cutting('DescribeCluster');
    await atEveryByte(
      state,
      async () => (await fresh().kubernetes().request('GET', '/version', run)) && 'connected',
      7,
    );
  });

  test.each(['ConfigMap', 'Secret'] as const)('GET of a %s', async (kind) => {
    await world.reset(kind);
    const state = cutting(`get ${kind.toLowerCase()}s`);
    const [place] = world.settings(kind).jobs[0]?.to ?? [];
    const { objects } = fresh();
    const location = place?.location as never;
    const ask = async () => {
      const { texts, version } = await objects.read(objectOf(location), { create: false }, run);
      return { texts: [...texts], version };
    };
    await atEveryByte(state, ask, 5);
  });
});
