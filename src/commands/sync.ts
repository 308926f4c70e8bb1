import { type Outcome, toReport } from '../report.ts';
import { sync } from '../sync.ts';
import { type Command, exitCodes, type Session } from './command.ts';
import { outcomeLines, painter, printFault } from './print.ts';
import { withSettings } from './session.ts';

/** Runs the sync; with `dry`, up to the write. */
export async function runSync(session: Session, options: { dry: boolean }): Promise<Outcome[]> {
  const { args, connection, jobs, signal } = session;
  const ports = options.dry ? { ...connection, objects: connection.dryRun } : connection;
  const forced = new Set(args.force ? (args.job ?? []) : []);
  return sync(jobs, ports, { signal, forced, showPaused: options.dry });
}

/** Prints the outcomes: the report on stdout, faults on stderr. */
export function printOutcomes(session: Session, outcomes: readonly Outcome[]): void {
  const { args, surroundings } = session;
  const { stdout, env } = surroundings;
  if (args.json) {
    stdout.write(`${JSON.stringify(toReport(outcomes), null, 2)}\n`);
  } else {
    const paint = painter(stdout, env);
    for (const outcome of outcomes) stdout.write(`${outcomeLines(outcome, paint).join('\n')}\n`);
  }
  for (const { fault, job } of outcomes) {
    if (fault) printFault(session, fault, job.name);
  }
}

/** The exit code of a run. */
export function exitCodeOf(outcomes: readonly Outcome[], detailed: boolean): number {
  const has = (status: Outcome['status']) => outcomes.some((outcome) => outcome.status === status);
  if (has('failed')) return exitCodes.failed;
  if (has('refused')) return exitCodes.refused;
  return detailed && has('planned') ? exitCodes.differs : exitCodes.done;
}

export const syncCommand: Command = {
  summary: 'update every list to match its zones',
  flags: ['force'],
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
