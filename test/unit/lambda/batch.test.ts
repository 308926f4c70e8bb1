import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeEvent, changeOf, deleteEvent, scheduleEvent, sqsEvent } from '../event/events.ts';
import { type Account, LIST, OTHER_ZONE, SETTINGS, startAccount, ZONE } from './account.ts';
import { deploy } from './deployed.ts';

let account: Account;
beforeAll(async () => {
  account = await startAccount();
});
afterAll(() => account.close());
beforeEach(() => account.reset());

/** What the event source mapping is given back. */
async function batch(...bodies: unknown[]) {
  const lambda = await deploy(SETTINGS, account.env);
  const { batchItemFailures = [], ...report } = await lambda.invoke(sqsEvent(...bodies));
  return {
    back: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
    statuses: report.jobs.map(({ name, status, error }) =>
      [name, status, ...(error ? [error.code] : [])].join(' '),
    ),
    ignored: report.ignored,
    lambda,
  };
}

const federate = changeEvent();
const other = changeOf(OTHER_ZONE);
/** A page that says that more follows, but not where: an error that may pass. */
const inconsistent = {
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: '<ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceRecordSets/><IsTruncated>true</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>',
};
const unwell = (zone: string) =>
  account.faults.on({ operation: LIST, path: new RegExp(zone), times: 9 }, inconsistent);

describe('a batch of messages', () => {
  test('is one run over the union of their jobs, and is acknowledged', async () => {
    const { back, statuses } = await batch(federate, federate, federate, other);
    expect([back, statuses]).toEqual([[], ['federate written', 'other unchanged']]);
    expect(account.faults.of(LIST)).toHaveLength(2);
  });

  test('touches only the jobs that it names', async () => {
    const { statuses } = await batch(other);
    expect(statuses).toEqual(['other unchanged']);
    expect(account.list('federate')).toEqual(['a.internal']);
  });

  test('that concerns no job is acknowledged', async () => {
    const { back, statuses, ignored } = await batch(
      changeOf('Z9'),
      changeEvent({ errorCode: 'x' }),
    );
    expect([back, statuses, ignored]).toEqual([[], [], 'no job names zone Z9']);
  });
});

describe('a message is returned to the queue', () => {
  test('if a retry can help one of its jobs', async () => {
    unwell(ZONE);
    const { back, statuses } = await batch(federate, other, scheduleEvent(), changeOf('Z9'));
    expect(statuses).toEqual(['federate failed listing-inconsistent', 'other unchanged']);
    expect(back).toEqual(['m0', 'm2']);
  });

  test('if it is malformed, and no other because of it', async () => {
    const { back, statuses, lambda } = await batch('{', federate, { jobs: ['x'] }, { hello: 1 });
    expect(back).toEqual(['m0', 'm2', 'm3']);
    expect(statuses).toEqual(['federate written']);
    expect(lambda.logs()).toContainEqual(
      expect.objectContaining({ level: 'ERROR', code: 'event-refused', messageId: 'm0' }),
    );
  });

  test('if all are malformed, without a run', async () => {
    const { back, statuses } = await batch('', 'null');
    expect([back, statuses]).toEqual([['m0', 'm1'], []]);
    expect(account.faults.calls).toEqual([]);
  });

  test('if it would force', async () => {
    const { back } = await batch({ jobs: ['federate'], force: true });
    expect(back).toEqual(['m0']);
    expect(account.list('federate')).toEqual(['a.internal']);
  });
});

describe('a message is acknowledged', () => {
  test('for an error that a retry cannot help', async () => {
    account.aws.route53.deleteZone(ZONE);
    const { back, statuses } = await batch(deleteEvent(), other);
    expect(statuses).toEqual(['federate failed zone-missing', 'other unchanged']);
    expect(back).toEqual([]);
  });

  test('for a refusal by the guard', async () => {
    account.zone(ZONE);
    const { back, statuses } = await batch(federate);
    expect([back, statuses]).toEqual([[], ['federate refused guard-min-targets']]);
  });
});

test('faulty settings fail the whole batch', async () => {
  const lambda = await deploy({ jobs: [] }, account.env);
  const { message } = await lambda.fails(sqsEvent(federate));
  expect(message).toMatch(/^settings-invalid: /);
});

test('a batch that times out returns its messages', async () => {
  account.faults.on({ operation: LIST, times: 9 }, 'hang');
  const lambda = await deploy(SETTINGS, account.env);
  expect(await lambda.invoke(sqsEvent(federate), 2_000)).toMatchObject({
    jobs: [{ status: 'failed', error: { code: 'deadline', retryable: true } }],
    batchItemFailures: [{ itemIdentifier: 'm0' }],
  });
});
