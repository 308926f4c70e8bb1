import { defineConfig } from 'vitest/config';

/**
 * What judges the mutants of the core: its own tests. Those of whole commands (the hostile names, the answers of
 * nobody's server) say nothing that these do not, and would be run for nearly every mutant.
 */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: [
      'test/unit/{targets,records,document,settings,event,sync}/**/*.test.ts',
      'test/system/hostile/**/*.test.ts',
      'test/system/faults/unanswered.test.ts',
    ],
    exclude: [
      'test/**/*.{real,long}.test.ts',
      'test/system/hostile/{answers,names}.test.ts',
      // By the clock, which mutants and a second runner disturb.
      'test/unit/document/growth.test.ts',
    ],
    testTimeout: 20_000,
  },
});
