import { Fault } from '../fault.ts';
import { documentKey, locationText, type ObjectRef } from '../location.ts';
import { type Objects, PLANNED, type Snapshot } from '../objects/objects.ts';
import type { Outcome } from '../report.ts';
import { sync } from '../sync.ts';
import type { Command, Session } from './command.ts';
import { printFault, visible } from './print.ts';
import { forcedJobs, withSettings } from './session.ts';
import { exitCodeOf } from './sync.ts';
import { visibleLines } from './terminal.ts';

/** Prints every document as sync would write it. */
export const renderCommand: Command = {
  summary: "print the documents as sync would write them (a Secret's only with --show-secrets)",
  flags: ['force', 'show-secrets'],
  run: withSettings(async (session) => {
    const { args, connection, jobs, signal, surroundings } = session;
    refuseSecrets(session);
    const rendered = rendering(connection.dryRun);
    const ports = { ...connection, objects: rendered.objects };
    const outcomes = await sync(jobs, ports, { signal, forced: forcedJobs(args) });
    for (const { fault, job } of outcomes) {
      if (fault) printFault(session, fault, job.name);
    }
    const texts = textsOf(outcomes, rendered.texts);
    for (const { place, status } of outcomes) {
      const to = locationText(place.location);
      if (status === 'failed') surroundings.stderr.write(`not printed: ${visible(to)}\n`);
    }
    if (args.json) {
      surroundings.stdout.write(`${JSON.stringify(Object.fromEntries(texts), null, 2)}\n`);
    } else {
      for (const [place, text] of texts) {
        if (texts.length > 1) surroundings.stdout.write(`# ${place}\n`);
        // Byte for byte, except on a terminal: a document can hold what a terminal would obey.
        surroundings.stdout.write(surroundings.stdout.isTTY ? visibleLines(text) : text);
        if (texts.length > 1 && !text.endsWith('\n')) surroundings.stdout.write('\n');
      }
    }
    return exitCodeOf(outcomes, false);
  }),
};

/** The documents in the order of the settings, each by its place; without those with a failed list. */
function textsOf(
  outcomes: readonly Outcome[],
  texts: ReadonlyMap<string, string>,
): [place: string, text: string][] {
  const byDocument = Map.groupBy(outcomes, ({ place }) => documentKey(place.location));
  return [...byDocument].flatMap(([key, lists]): [string, string][] => {
    const text = texts.get(key);
    const [first] = lists;
    if (text === undefined || !first || lists.some(({ status }) => status === 'failed')) return [];
    return [[locationText(first.place.location), text]];
  });
}

function refuseSecrets({ args, jobs }: Session): void {
  const secret = jobs.flatMap(({ to }) => to).find(({ location }) => location.kind === 'secret');
  if (secret && !args['show-secrets']) {
    throw new Fault('usage', `${locationText(secret.location)} is a Secret`, {
      remedy: 'Add --show-secrets, or choose other jobs with --job.',
    });
  }
}

/** A dry run that keeps what it read, or what it would have written, by document. */
function rendering(objects: Objects): { objects: Objects; texts: Map<string, string> } {
  const texts = new Map<string, string>();
  const keep = (object: ObjectRef, read: Snapshot['texts']) => {
    for (const [key, text] of read) {
      const location = object.kind === 'file' ? object : { ...object, key };
      if (typeof text === 'string') texts.set(documentKey(location), text);
    }
  };
  return {
    texts,
    objects: {
      read: async (object, options, run) => {
        const snapshot = await objects.read(object, options, run);
        keep(object, snapshot.texts);
        return snapshot;
      },
      write: async ({ object }, { texts: written }) => {
        keep(object, written);
        return PLANNED;
      },
    },
  };
}
