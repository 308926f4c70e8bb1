import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Coverage } from './coverage.ts';

/*
 * npm run test:simulate                                   60 seconds of histories, from a new seed
 * npm run test:simulate -- --histories 10000000 --seed 1  so many, from this one on
 * npm run test:simulate -- --seed 42 --only 0,3           one history, with these actions, line by line
 */

interface Task {
  readonly first: number;
  readonly step: number;
  readonly histories: number;
  readonly seconds: number;
}

interface Progress {
  readonly histories: number;
  readonly late: number;
  /** A seed that breaks a promise. */
  readonly broken?: number;
  readonly coverage?: ReturnType<Coverage['toJSON']>;
}

// Only a thread that plays histories loads the product, which takes as long as some hundred of them.
const player = () => import('./history.ts');
const shrinker = () => import('./shrink.ts');

if (isMainThread) process.exitCode = await main();
else await work(workerData as Task);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      histories: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
      workers: { type: 'string', default: '2' },
    },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000_000));
  if (values.only !== undefined) {
    const ids = new Set(values.only.split(',').map(Number));
    const [{ actionsOf }, { script }] = await Promise.all([player(), shrinker()]);
    const actions = actionsOf(seed).filter(({ id }) => ids.has(id));
    const lines = await script(seed, actions);
    say(...lines);
    return lines.some((line) => line.startsWith('broken')) ? 1 : 0;
  }
  return simulate(seed, {
    workers: Number(values.workers),
    histories: Number(values.histories ?? Number.POSITIVE_INFINITY),
    seconds: Number(values.seconds ?? (values.histories ? Number.POSITIVE_INFINITY : 60)),
  });
}

async function simulate(
  seed: number,
  { workers, histories, seconds }: { workers: number; histories: number; seconds: number },
): Promise<number> {
  say(`Histories from seed ${seed}`);
  const begun = performance.now();
  const coverage = new Coverage();
  const total = { histories: 0, late: 0 };
  let told = begun;
  let broken: number | undefined;
  const running = Array.from({ length: workers }, (_, i) => {
    const task: Task = {
      first: seed + i,
      step: workers,
      histories: Math.ceil(histories / workers),
      seconds,
    };
    // Most of what a history makes is garbage at its end.
    const resourceLimits = { maxYoungGenerationSizeMb: 128 };
    return new Worker(new URL(import.meta.url), { workerData: task, resourceLimits });
  });
  await Promise.all(
    running.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.on('message', (progress: Progress) => {
            total.histories += progress.histories;
            total.late += progress.late;
            if (progress.coverage) coverage.merge(progress.coverage);
            if (progress.broken !== undefined) {
              broken = Math.min(broken ?? progress.broken, progress.broken);
              for (const other of running) if (other !== worker) void other.terminate();
            }
            const now = performance.now();
            if (now - told < 30_000) return;
            told = now;
            say(
              `${total.histories} histories, ${Math.round(rate(total.histories, begun))} a second`,
            );
          });
          worker.on('error', reject);
          worker.on('exit', () => resolve());
        }),
    ),
  );
  if (broken !== undefined) {
    say(`Seed ${broken}, the ${broken - seed + 1}th history, breaks a promise:`);
    const { script, shrink } = await shrinker();
    say(...(await script(broken, await shrink(broken))));
    return 1;
  }
  say(...coverageLines(coverage));
  say(
    `${total.late} histories with a write that came later than a newer run, as README, Promises, allows`,
    `${total.histories} histories from seed ${seed}, no promise broken, ` +
      `${Math.round((performance.now() - begun) / 1000)} s, ` +
      `${Math.round(rate(total.histories, begun))} a second`,
  );
  return 0;
}

function rate(histories: number, begun: number): number {
  return (1000 * histories) / (performance.now() - begun);
}

async function work({ first, step, histories, seconds }: Task): Promise<void> {
  const { actionsOf, play } = await player();
  const coverage = new Coverage();
  const end = performance.now() + seconds * 1000;
  const tell = (progress: Progress) => parentPort?.postMessage(progress);
  let [done, late] = [0, 0];
  for (let i = 0; i < histories && performance.now() < end; i++) {
    const seed = first + i * step;
    const result = await play(seed, actionsOf(seed), { coverage });
    done += 1;
    if (result.late > 0) late += 1;
    const isBroken = result.violations.length > 0;
    if (isBroken || done === 250) {
      tell({ histories: done, late, ...(isBroken && { broken: seed }) });
      [done, late] = [0, 0];
      // Lets the message go.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (isBroken) return;
  }
  tell({ histories: done, late, coverage: coverage.toJSON() });
}

/** Tables: actions and statuses, faults by await, and pairs of runs that were under way together. */
function coverageLines({ faults, pairs, seen }: Coverage): string[] {
  const table = (title: string, counts: ReadonlyMap<string, number>) => [
    '',
    title,
    ...[...counts].sort().map(([key, n]) => `${String(n).padStart(12)}  ${key}`),
  ];
  return [
    ...table('What happened, and how lists ended', seen),
    ...table('Fault | where it met a run', faults),
    ...table('Awaits of a run | while another was under way', pairs),
    '',
  ];
}

function say(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
