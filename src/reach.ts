import type { ObjectRef } from './location.ts';
import type { Nudge } from './objects/pods.ts';
import type { Ports, SyncOptions } from './ports.ts';
import { inList, type Outcome } from './report.ts';
import { systemClock } from './run.ts';
import { identityOf } from './servers/server.ts';
import type { Warning } from './target.ts';

/*
 * How a written list reaches its servers: pods that mount the object are nudged, and servers are asked until they have
 * loaded it. Neither can fail a write: what goes wrong is a warning.
 */

/** After the write of an object: nudges the pods of the lists that were written, each selector once. */
export async function nudged(
  object: ObjectRef,
  outcomes: readonly Outcome[],
  { pods }: Ports,
  options: SyncOptions,
): Promise<Outcome[]> {
  const written = outcomes.find((outcome) => outcome.written);
  if (!written) return [...outcomes];
  const writtenAt = (options.clock ?? systemClock).now();
  const version = written.version.after ?? `${writtenAt}`;
  const done = new Map<string, Nudge>();
  for (const { place, written } of outcomes) {
    const { nudge } = place;
    if (!written || nudge === undefined || done.has(nudge) || object.kind === 'file') continue;
    if (pods) done.set(nudge, await pods.nudge(object, nudge, version, options));
  }
  return outcomes.map((outcome) => {
    if (!outcome.written) return outcome;
    const nudge = done.get(outcome.place.nudge ?? '');
    if (!nudge) return { ...outcome, writtenAt };
    const warnings = [...outcome.warnings, ...nudge.warnings];
    return { ...outcome, writtenAt, nudged: nudge.pods, warnings };
  });
}

/** After all writes: waits where the settings or --wait say so, for all lists at once. */
export async function awaited(
  outcomes: readonly Outcome[],
  { servers }: Ports,
  options: SyncOptions,
): Promise<Outcome[]> {
  return Promise.all(
    outcomes.map(async (outcome) => {
      const { job, place, written, writtenAt, difference } = outcome;
      const waitMs = options.waitMs ?? place.waitMs;
      if (!servers || !written || writtenAt === undefined || waitMs === 0) return outcome;
      if (place.servers.length === 0) return outcome;
      const list = {
        asked: identityOf(job, place),
        targets: inList(outcome),
        removed: difference.removed,
      };
      const { waitUntilLoaded } = await import('./servers/wait.ts');
      const result = await waitUntilLoaded(list, place.servers, servers, {
        ...options,
        since: writtenAt,
        waitMs,
      });
      if ('loadedAfterMs' in result) return { ...outcome, ...result };
      const warning: Warning = {
        code: 'not-loaded',
        message: `${result.why}; to see it target by target: federation-sync verify --job ${job.name}`,
      };
      return { ...outcome, warnings: [...outcome.warnings, warning] };
    }),
  );
}
