import { defineConfig } from 'vitest/config';

/**
 * The tests that kill mutants of the core: its own. Tests of whole commands (hostile names, malformed responses)
 * would run for nearly every mutant and kill no others.
 */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: [
      'test/unit/{targets,records,document,settings,event,sync}/**/*.test.ts',
      'test/unit/{scalar,objects/objects}.test.ts',
      'test/unit/aws/remembered.test.ts',
      'test/system/hostile/**/*.test.ts',
      'test/system/faults/unanswered.test.ts',
    ],
    exclude: [
      'test/**/*.{real,long}.test.ts',
      'test/system/hostile/{answers,names}.test.ts',
      // Measures time, which mutants and a second runner distort.
      'test/unit/document/growth.test.ts',
    ],
    testTimeout: 20_000,
  },
});
