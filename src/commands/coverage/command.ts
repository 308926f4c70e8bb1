import { coverage } from '../../coverage/coverage.ts';
import { coverageJson } from '../../coverage/json.ts';
import { DirectLink } from '../../servers/direct.ts';
import { type Command, exitCodes } from '../command.ts';
import { asRun } from '../hints.ts';
import { painter, printFault } from '../print.ts';
import { serversFor, withSettings } from '../session.ts';
import { coverageLines } from './print.ts';

/** Prints where expected clusters are lost. Exit code: 0 all are monitored, 2 not, 1 it could not be found out. */
export const coverageCommand: Command = {
  summary: 'show which clusters that exist are not monitored, and at which step each got lost',
  flags: ['all', 'prometheus'],
  check: ({ prometheus }) => {
    if (prometheus !== undefined) new DirectLink({ url: prometheus });
  },
  run: withSettings(async (session) => {
    const { args, connection, jobs, signal, surroundings } = session;
    const all = await coverage(
      jobs,
      { ...connection, objects: connection.dryRun },
      { signal, serversOf: (place) => serversFor(session, place) },
    );
    const run = all.map((one) => ({
      ...one,
      clusters: one.clusters.map((row) => ({
        ...row,
        remedy: row.remedy && asRun(row.remedy, session),
      })),
    }));
    const { stdout, env } = surroundings;
    stdout.write(
      args.json
        ? `${JSON.stringify(coverageJson(run), null, 2)}\n`
        : `${coverageLines(run, args.all === true, painter(stdout, env)).join('\n')}\n`,
    );
    for (const { job, faults } of all) {
      for (const fault of faults) printFault(session, fault, job.name);
    }
    if (all.some(({ faults }) => faults.length > 0)) return exitCodes.failed;
    const lost = all.some(({ clusters }) => clusters.some((one) => one.lost !== null));
    return lost ? exitCodes.differs : exitCodes.done;
  }),
};
