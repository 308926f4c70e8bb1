import type { Reporter, TestModule } from 'vitest/node';
import { inCi } from './available.ts';
import { type PartName, partNames } from './part-names.ts';

interface Count {
  ran: number;
  failed: number;
  skipped: number;
}

/** Counts per real part, taken from the tags in the suites' titles (`[moto] …`). */
function countByPart(tests: Iterable<{ name: string; state: string }>): Map<PartName, Count> {
  const counts = new Map(partNames.map((part) => [part, { ran: 0, failed: 0, skipped: 0 }]));
  for (const { name, state } of tests) {
    for (const part of partNames) {
      const count = counts.get(part);
      if (!count || !name.includes(`[${part}]`)) continue;
      if (state === 'skipped') count.skipped += 1;
      else count.ran += 1;
      if (state === 'failed') count.failed += 1;
    }
  }
  return counts;
}

/** The closing table: how many tests ran on which real part. In CI a skipped one is a failure. */
export default class PartsReporter implements Reporter {
  #closing = '';

  constructor() {
    // The very last line, whatever else is printed at the end.
    process.once('exit', () => this.#closing && console.log(this.#closing));
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) =>
      [...module.children.allTests()].map((one) => ({
        name: one.fullName,
        state: one.result().state,
      })),
    );
    // A file that cannot be loaded, or a hook that throws, fails no test of its own.
    const failures = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const others = failures.flatMap((one) => one.errors()).length + errors.length;
    this.#closing = closingLine(tests, others);

    const counts = [...countByPart(tests)];
    const skipped = counts.reduce((sum, [, count]) => sum + count.skipped, 0);
    if (counts.every(([, { ran }]) => ran === 0) && skipped === 0) return;

    console.log('\n Tests on real parts');
    for (const [part, { ran, failed, skipped }] of counts) {
      const notes = [failed && `${failed} failed`, skipped && `${skipped} skipped`];
      console.log(
        `  ${part.padEnd(16)}${String(ran).padStart(5)} ran  ${notes.filter(Boolean).join(', ')}`.trimEnd(),
      );
    }
    if (skipped > 0 && inCi()) {
      console.error('  a test on a real part was skipped, which fails in CI');
      process.exitCode = 1;
    }
  }
}

/** `12 passed, 0 failed, 3 skipped`, for those who only read the last line of a run. */
function closingLine(tests: readonly { state: string }[], otherFailures: number): string {
  const of = (state: string) => tests.filter((one) => one.state === state).length;
  return `${of('passed')} passed, ${of('failed') + otherFailures} failed, ${of('skipped')} skipped`;
}
