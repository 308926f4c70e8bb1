import { Fault } from '../fault.ts';
import { documentKey, placeText } from '../location.ts';
import type { Documents, Snapshot } from '../objects/documents.ts';
import { dryRun } from '../objects/objects.ts';
import type { Outcome } from '../report.ts';
import { sync } from '../sync.ts';
import type { Command, Session } from './command.ts';
import { printFault } from './print.ts';
import { withSettings } from './session.ts';
import { exitCodeOf } from './sync.ts';

/** Prints every document as sync would leave it. */
export const renderCommand: Command = {
  summary: "print the documents as sync would write them (a Secret's only with --show-secrets)",
  flags: ['force', 'show-secrets'],
  run: withSettings(async (session) => {
    const { args, connection, jobs, signal, surroundings } = session;
    refuseSecrets(session);
    const rendered = rendering(connection.documents);
    const forced = new Set(args.force ? (args.jobs ?? []) : []);
    const outcomes = await sync(
      jobs,
      { ...connection, documents: rendered.documents },
      { signal, forced },
    );
    for (const { fault, job } of outcomes) {
      if (fault) printFault(session, fault, job.name);
    }
    const texts = textsOf(outcomes, rendered.texts);
    if (args.json) {
      surroundings.stdout.write(`${JSON.stringify(Object.fromEntries(texts), null, 2)}\n`);
    } else {
      for (const [place, text] of texts) {
        if (texts.length > 1) surroundings.stdout.write(`# ${place}\n`);
        surroundings.stdout.write(text);
        if (texts.length > 1 && !text.endsWith('\n')) surroundings.stdout.write('\n');
      }
    }
    return exitCodeOf(outcomes, false);
  }),
};

/** The documents in the order of the settings, each by its place; without those of which a list failed. */
function textsOf(
  outcomes: readonly Outcome[],
  texts: ReadonlyMap<string, string>,
): [place: string, text: string][] {
  const byDocument = Map.groupBy(outcomes, ({ place }) => documentKey(place.location));
  return [...byDocument].flatMap(([key, lists]): [string, string][] => {
    const text = texts.get(key);
    const [first] = lists;
    if (text === undefined || !first || lists.some(({ fault }) => fault)) return [];
    return [[placeText(first.place.location), text]];
  });
}

function refuseSecrets({ args, jobs }: Session): void {
  const secret = jobs.flatMap(({ to }) => to).find(({ location }) => location.kind === 'secret');
  if (secret && !args.showSecrets) {
    throw new Fault('usage', `${placeText(secret.location)} is a Secret`, {
      remedy: 'Add --show-secrets, or choose other jobs with --job.',
    });
  }
}

/** A dry run that keeps what it read, and what it would have written over it. */
function rendering(documents: Documents): { documents: Documents; texts: Map<string, string> } {
  const texts = new Map<string, string>();
  const dry = dryRun(documents);
  const keep = ({ location }: Snapshot, text: string | undefined) => {
    if (text !== undefined) texts.set(documentKey(location), text);
  };
  return {
    texts,
    documents: {
      read: async (location, options, run) => {
        const snapshot = await documents.read(location, options, run);
        keep(snapshot, snapshot.text);
        return snapshot;
      },
      write: async (snapshot, text, managed, run) => {
        const written = await dry.write(snapshot, text, managed, run);
        keep(snapshot, text);
        return written;
      },
    },
  };
}
