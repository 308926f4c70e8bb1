import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './slowest-first.ts';
import { caches } from './support/caches.ts';

// Of all workers and what they start.
Object.assign(process.env, caches);

/**
 * `fast` needs nothing but Node and finishes in a minute; `real` runs against parts that nobody here wrote
 * and skips the ones that are missing; `long` holds matrices, races and fuzzing.
 */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    reporters: ['default', './test/support/parts/reporter.ts'],
    sequence: { sequencer: SlowestFirst },
    // Real servers learn of a change by a watch, which takes seconds on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.real.test.ts', 'test/**/*.long.test.ts'],
          testTimeout: 20_000,
          isolate: false,
          setupFiles: ['./test/support/restore.ts'],
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/**/*.real.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 90_000,
          isolate: false,
          setupFiles: ['./test/support/restore.ts', './test/support/parts/share.ts'],
        },
      },
      {
        test: {
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
});
