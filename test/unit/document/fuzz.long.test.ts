import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'vitest';
import { generate, generateWanted } from './generate.ts';
import { checkPromises } from './promises.ts';

/** FUZZ_RUNS: how many documents. FUZZ_SEED: a seed that was printed, to have the same ones again. */
const runs = Number(process.env.FUZZ_RUNS ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));

test(`${runs} documents keep all promises (FUZZ_SEED=${seed})`, { timeout: 12 * 3600_000 }, () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' });
  fc.assert(
    fc.property(bytes(500), bytes(30), (document, wanted) => {
      checkPromises(generate(document), generateWanted(wanted));
    }),
    { numRuns: runs, seed },
  );
  console.log(`${runs} documents, FUZZ_SEED=${seed}`);
});
