import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkBothPaths } from './both-paths.ts';
import { generateRun } from './generate-runs.ts';
import { Tape } from './yaml/tape.ts';

/** FUZZ_RUNS: how many documents. FUZZ_SEED: a seed that was printed, to have the same ones again. */
const runs = Number(process.env.FUZZ_RUNS ?? 20_000);
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));

test(`${runs} documents give the same with runs and without (FUZZ_SEED=${seed})`, {
  timeout: 12 * 3600_000,
}, () => {
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length, size: 'max' });
  const counts = { before: 0, after: 0, changed: 0 };
  fc.assert(
    fc.property(bytes(150), bytes(200), (list, around) => {
      const document = generateRun(new Tape(list), around);
      const found = checkBothPaths(document, document.wanted);
      if (found.before) counts.before++;
      if (found.after) counts.after++;
      if (found.before && document.changed) counts.changed++;
    }),
    { numRuns: runs, seed },
  );
  console.log(`${runs} documents, FUZZ_SEED=${seed}, with runs: ${JSON.stringify(counts)}`);
  expect(counts.before).toBeGreaterThan(runs / 2);
});
