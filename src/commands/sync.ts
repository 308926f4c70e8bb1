import { Fault } from '../fault.ts';
import { type Outcome, toReport } from '../report.ts';
import { sync } from '../sync.ts';
import { count, durationOf, isDuration } from '../wording.ts';
import { type Command, exitCodes, type Session } from './command.ts';
import { faultAsRun } from './hints.ts';
import { outcomeLines, painter, printFault } from './print.ts';
import { forcedJobs, waitingOn, withSettings } from './session.ts';

/** Runs the sync; with `dry`, up to the write. */
export async function runSync(session: Session, options: { dry: boolean }): Promise<Outcome[]> {
  const { args, connection, jobs, signal } = session;
  const ports = options.dry ? { ...connection, objects: connection.dryRun } : connection;
  return sync(jobs, ports, {
    signal,
    forced: forcedJobs(args),
    showPaused: options.dry,
    ...waitOf(session),
  });
}

/** @throws Fault `usage` where --wait has no server to wait for */
function waitOf({ args, jobs, surroundings }: Session) {
  const shown = waitingOn(surroundings);
  if (args.wait === undefined) return shown;
  if (jobs.every(({ to }) => to.every(({ servers }) => servers.length === 0))) {
    throw new Fault('usage', '--wait: the settings name no server to wait for', {
      remedy: 'Set prometheus: at the place.',
    });
  }
  return { ...shown, waitMs: durationOf(args.wait) };
}

/** Prints the outcomes: the report on stdout, faults on stderr. */
export function printOutcomes(session: Session, outcomes: readonly Outcome[]): void {
  const { args, surroundings } = session;
  const { stdout, env } = surroundings;
  if (args.json) {
    const hinted = outcomes.map((it) =>
      it.fault ? { ...it, fault: faultAsRun(it.fault, session) } : it,
    );
    stdout.write(`${JSON.stringify(toReport(hinted), null, 2)}\n`);
  } else {
    const paint = painter(stdout, env);
    for (const outcome of outcomes) stdout.write(`${outcomeLines(outcome, paint).join('\n')}\n`);
    if (outcomes.length > 1) stdout.write(`${totals(outcomes)}\n`);
  }
  for (const { fault, job } of outcomes) {
    if (fault) printFault(session, fault, job.name);
  }
}

/** `3 lists: 2 planned, 1 unchanged; 4 added, 1 removed, 0 changed` */
function totals(outcomes: readonly Outcome[]): string {
  const statuses = [...Map.groupBy(outcomes, ({ status }) => status)];
  const counts = statuses.map(([status, lists]) => `${lists.length} ${status}`).join(', ');
  const sum = (kind: keyof Outcome['difference']) =>
    outcomes
      .filter(({ status }) => status !== 'failed' && status !== 'paused')
      .reduce((total, { difference }) => total + difference[kind].length, 0);
  const changes = `${sum('added')} added, ${sum('removed')} removed, ${sum('changed')} changed`;
  return `${count(outcomes.length, 'list')}: ${counts}; ${changes}`;
}

/** The exit code of a run. */
export function exitCodeOf(outcomes: readonly Outcome[], detailed: boolean): number {
  const has = (status: Outcome['status']) => outcomes.some((outcome) => outcome.status === status);
  if (has('failed') || outcomes.some((it) => it.status === 'paused' && it.fault)) {
    return exitCodes.failed;
  }
  if (has('refused')) return exitCodes.refused;
  const pending = outcomes.some((outcome) => outcome.pending && outcome.status !== 'written');
  return detailed && pending ? exitCodes.differs : exitCodes.done;
}

export const syncCommand: Command = {
  summary: 'update every list to match its zones',
  flags: ['force', 'wait'],
  check: ({ wait }) => {
    if (wait === undefined || isDuration(wait)) return;
    throw new Fault('usage', `--wait ${wait}: use a duration such as 15s or 1m`);
  },
  run: withSettings(async (session) => {
    const outcomes = await runSync(session, { dry: false });
    printOutcomes(session, outcomes);
    return exitCodeOf(outcomes, false);
  }),
};

export const planCommand: Command = {
  summary: 'show what sync would do: additions, removals and changes',
  flags: ['force', 'detailed-exitcode'],
  run: withSettings(async (session) => {
    const outcomes = await runSync(session, { dry: true });
    printOutcomes(session, outcomes);
    return exitCodeOf(outcomes, session.args['detailed-exitcode'] === true);
  }),
};
