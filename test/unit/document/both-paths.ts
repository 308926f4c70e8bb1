import { deepStrictEqual } from 'node:assert';
import { type ReadRun, type Run, readRun } from '../../../src/document/canonical-run.ts';
import { openFileSd } from '../../../src/document/file-sd.ts';
import type { ManagedList } from '../../../src/document/managed-list.ts';
import { openStaticConfigs } from '../../../src/document/static-configs.ts';
import { asFault } from '../../../src/fault.ts';
import type { Target } from '../../../src/target.ts';

interface Document {
  readonly text: string;
  readonly format: 'static_configs' | 'scrape_configs' | 'file_sd';
  readonly job: string;
}

/** Whether the list was read as a run, and whether what was written has one. */
export interface Found {
  readonly before: boolean;
  readonly after: boolean;
}

/** With runs and without, a document gives the same targets, the same text and the same faults. */
export function checkBothPaths(document: Document, wanted: readonly Target[]): Found {
  const found: (Run | undefined)[] = [];
  const list = attempt(() =>
    open(document, (text, from) => {
      const run = readRun(text, from);
      found.push(run);
      return run;
    }),
  );
  const whole = attempt(() => open(document, () => undefined));
  deepStrictEqual(resultOf(list, wanted), resultOf(whole, wanted));
  return {
    before: 'targets' in list && list.targets === found[0]?.targets,
    after: found[1] !== undefined,
  };
}

function open({ text, format, job }: Document, runs: ReadRun): ManagedList {
  return format === 'file_sd'
    ? openFileSd(text, false, runs)
    : openStaticConfigs(text, { format, job }, runs);
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** As a value that compares. */
function resultOf(list: ManagedList | Failure, wanted: readonly Target[]): unknown {
  if (!('targets' in list)) return list;
  const { targets, relabelled } = list;
  return { targets, relabelled, written: attempt(() => list.write(wanted)) };
}

function attempt<T>(act: () => T): T | Failure {
  try {
    return act();
  } catch (error) {
    const { code, message, remedy } = asFault(error);
    return { code, message, remedy };
  }
}
