import { connect } from '../connect.ts';
import { jobsNamed } from '../event.ts';
import { Fault } from '../fault.ts';
import type { Place, Server, Settings } from '../job.ts';
import type { Unverified } from '../objects/cluster/access.ts';
import type { Attempted } from '../run.ts';
import { findSettings } from '../settings/find.ts';
import type { Arguments } from './arguments.ts';
import type { Command, Invocation, Session, Surroundings } from './command.ts';
import { visible } from './print.ts';

/** A command that works on the jobs of the settings. */
export function withSettings(run: (session: Session) => Promise<number>): Command['run'] {
  return async (invocation) => {
    const { args, surroundings } = invocation;
    if (args.force && args.job === undefined) {
      throw new Fault('usage', '--force requires --job: name the jobs that may bypass the guard');
    }
    const settings = await findSettings(args.config, surroundings.folder, surroundings.env);
    if (settings.ignored) {
      warnOn(surroundings)(`${settings.ignored.join(', ')} ignored: the settings are in a file`);
    }
    return run(openSession(invocation, settings));
  };
}

/** Names of the jobs that bypass the guard. */
export function forcedJobs({ force, job = [] }: Arguments): ReadonlySet<string> {
  return new Set(force ? job : []);
}

/** @throws Fault `job-unknown` */
export function openSession(invocation: Invocation, settings: Settings): Session {
  const { args, surroundings } = invocation;
  return {
    ...invocation,
    settings,
    jobs: jobsNamed(args.job, settings.jobs),
    connection: connect(settings, {
      env: surroundings.env,
      unverified: unverifiedOn(surroundings),
      ...shownOn(invocation),
    }),
  };
}

/** --prometheus replaces the servers of all lists that a Prometheus reads. */
export function serversFor({ args }: Session, place: Place): readonly Server[] {
  if (args.prometheus === undefined || place.format === 'thanos_endpoints') return place.servers;
  return [{ url: args.prometheus, reload: false }];
}

/** Prints a warning that concerns no single job. */
function warnOn({ stderr }: Surroundings) {
  return (message: string) => {
    stderr.write(`warning: ${visible(message)}\n`);
  };
}

/** Prints what an unverified certificate means, for a person who may have forgotten it. */
export function unverifiedOn(surroundings: Surroundings): Unverified {
  return ({ name, server }) =>
    warnOn(surroundings)(
      `the kubeconfig's cluster ${name} has insecure-skip-tls-verify: anyone who answers at ${server} gets our credentials. Use certificate-authority-data instead.`,
    );
}

/** What a run shows while it waits: progress and retries on a terminal, and each call with --verbose. */
export function shownOn({ args, surroundings }: Invocation) {
  const { stderr } = surroundings;
  const verbose = args.verbose === true;
  if (!verbose && !stderr.isTTY) return {};
  const trace = ({ what, attempt, attempts, ms, why, waitMs = 0 }: Attempted) => {
    if (why === undefined && !verbose) return;
    const seconds = `${(ms / 1000).toFixed(1)} s`;
    const again = waitMs > 0 ? `; waiting ${(waitMs / 1000).toFixed(1)} s` : '';
    const result = why === undefined ? seconds : `${why} after ${seconds}${again}`;
    stderr.write(`${visible(`${what} (attempt ${attempt} of ${attempts}): ${result}`)}\n`);
  };
  return { ...progressOn(surroundings), trace };
}

/** Shows the progress of long listings on a terminal. */
export function progressOn({ stderr }: Surroundings) {
  if (!stderr.isTTY) return {};
  let shown = false;
  const progress = (zone: string, recordSets: number | undefined) => {
    // Clears the line, so that nothing of it remains behind shorter output.
    if (recordSets === undefined && shown) stderr.eraseLine?.();
    shown = recordSets !== undefined && recordSets >= 300;
    if (!shown) return;
    stderr.eraseLine?.();
    stderr.write(`zone ${zone}: ${recordSets} record sets`);
  };
  return { progress };
}

/** Shows on a terminal which servers a run waits for. */
export function waitingOn({ stderr }: Surroundings) {
  if (!stderr.isTTY) return {};
  const waiting = (text: string | undefined) => {
    stderr.eraseLine?.();
    if (text !== undefined) stderr.write(visible(text));
  };
  return { waiting };
}
