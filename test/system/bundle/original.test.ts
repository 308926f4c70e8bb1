import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CASES, original } from '../../bench/original.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';

/** Any program that Lambda could run: it requests an event, and answers it with its own settings. */
const PROGRAM = `#!${process.execPath}
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
const { PROMETHEUS_HOSTED_ZONE_ID, CLUSTER_NAME, AWS_ENDPOINT_URL_EKS } = process.env;
if (!PROMETHEUS_HOSTED_ZONE_ID || !CLUSTER_NAME || !AWS_ENDPOINT_URL_EKS) process.exit(1);
for (;;) {
  const next = await fetch(api + 'next');
  const id = next.headers.get('lambda-runtime-aws-request-id');
  await fetch(api + id + '/response', { method: 'POST', body: '{"jobs":[]}' });
}
`;

test('another program is measured in the same rounds: time, processor time, memory, cold and warm', async () => {
  const folder = temporaryFolder('original');
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => removeFolder(folder));
  const program = join(folder, 'main.mjs');
  writeFileSync(program, PROGRAM);
  chmodSync(program, 0o755);
  const cases = [
    { what: '3 targets, no latency', clusters: 3, records: 5 },
    { what: '3 targets, 5 ms a call', clusters: 3, records: 5, delayMs: 5 },
  ];
  const { table } = await original(program, 1, cases);
  expect(table.rows).toHaveLength(10);
  for (const [what, theirs, ours] of table.rows) {
    expect(theirs, `${what}`).toBeGreaterThan(0);
    expect(ours, `${what}`).toBeGreaterThan(1);
  }
});

test('without one, the recorded figures of the same cases are shown with their date', async () => {
  const { table } = await original(undefined, 1);
  expect(table.notes?.join()).toContain('2026-11-26');
  const measured = CASES.flatMap(({ what }) => [`cold, ${what}: `, `warm, ${what}: `]);
  for (const [what] of table.rows)
    expect(
      measured.some((start) => `${what}`.startsWith(start)),
      `${what}`,
    ).toBe(true);
});
