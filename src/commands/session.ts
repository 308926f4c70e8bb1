import { connect } from '../connect.ts';
import { jobsNamed } from '../event.ts';
import { Fault } from '../fault.ts';
import type { Settings } from '../job.ts';
import { findSettings } from '../settings/find.ts';
import type { Command, Invocation, Session, Surroundings } from './command.ts';

/** A command that works on the jobs of the settings. */
export function withSettings(run: (session: Session) => Promise<number>): Command['run'] {
  return async (invocation) => {
    const { args, surroundings } = invocation;
    if (args.force && args.job === undefined) {
      throw new Fault('usage', '--force requires --job: name the jobs that may bypass the guard');
    }
    const settings = await findSettings(args.config, surroundings.folder, surroundings.env);
    return run(openSession(invocation, settings));
  };
}

/** @throws Fault `job-unknown` */
export function openSession(invocation: Invocation, settings: Settings): Session {
  const { args, surroundings } = invocation;
  return {
    ...invocation,
    settings,
    jobs: jobsNamed(args.job, settings.jobs),
    connection: connect(settings, { env: surroundings.env, ...progressOn(surroundings) }),
  };
}

/** Shows the progress of long listings on a terminal. */
export function progressOn({ stderr }: Surroundings) {
  if (!stderr.isTTY) return {};
  let shown = false;
  const progress = (zone: string, recordSets: number | undefined) => {
    // Clears the line, so that nothing of it remains behind shorter output.
    if (recordSets === undefined && shown) stderr.write('\r\x1b[2K');
    shown = recordSets !== undefined && recordSets >= 300;
    if (shown) stderr.write(`\r\x1b[2Kzone ${zone}: ${recordSets} record sets`);
  };
  return { progress };
}
