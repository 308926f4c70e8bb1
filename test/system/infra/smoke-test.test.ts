import { expect, test } from 'vitest';
import { verdictOf } from '../../../infra/deploy/smoke-test.ts';

const job = {
  name: 'federate',
  to: 'configmap/monitoring/prometheus-server:prometheus.yml',
  targets: 2,
  added: ['b.'],
  removed: [],
  withheld: [],
};
const answer = (...jobs: object[]) =>
  JSON.stringify({ jobs: jobs.map((it) => ({ ...job, ...it })) });

test.each(['planned', 'unchanged'])('%s passes', (status) => {
  const { passed, lines } = verdictOf(undefined, answer({ status }));
  expect(passed).toBe(true);
  expect(lines).toEqual([`federate (${job.to}): ${status}: 2 targets, 1 to add, 0 to remove`]);
});

test('one refused list of two fails, with code, remedy and what would go', () => {
  const error = {
    code: 'guard-removals',
    message: '3 of 4 would go.',
    remedy: 'Look at the zone.',
  };
  const refused = { status: 'refused', withheld: ['a.', 'c.'], error };
  const { passed, lines } = verdictOf(undefined, answer({ status: 'unchanged' }, refused));
  expect(passed).toBe(false);
  expect(lines[1]).toBe(
    `federate (${job.to}): refused: guard-removals: 3 of 4 would go. Look at the zone. It would remove: a., c.`,
  );
});

test('a paused list fails, with the annotation to remove', () => {
  const { passed, lines } = verdictOf(undefined, answer({ status: 'paused' }));
  expect(passed).toBe(false);
  expect(lines[0]).toContain('paused');
  expect(lines[0]).toContain('route53-federation-sync/paused');
});

test('an error of the function fails, with its message', () => {
  const payload = JSON.stringify({
    errorType: 'FederationSyncError',
    errorMessage: 'zone-forbidden: no',
  });
  expect(verdictOf('Unhandled', payload)).toEqual({
    passed: false,
    lines: ['The function failed: FederationSyncError: zone-forbidden: no'],
  });
});

test.each(['', 'null', '{}', '{"jobs":[]}', '{"jobs":{}}', 'OK'])(
  'an answer without jobs fails: %s',
  (payload) => {
    expect(verdictOf(undefined, payload).passed).toBe(false);
  },
);

test('no line of the answer can be a command of the runner', () => {
  const error = { code: 'internal', message: 'a\n::add-mask::b\u001b[31m', remedy: '' };
  const { lines } = verdictOf(undefined, answer({ status: 'failed', error }));
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toMatch(/\p{Cc}/u);
});
