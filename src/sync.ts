import pRetry from 'p-retry';
import { type DocumentLists, fold, type List, managedBy, settled, without } from './edit.ts';
import { asFault, Fault } from './fault.ts';
import type { Documents, Location, Snapshot } from './places/documents.ts';
import { placeText } from './places/place-text.ts';
import { Listings } from './records/listings.ts';
import type { Records, Run } from './records/records.ts';
import type { Outcome } from './report.ts';
import type { Job } from './settings/settings.ts';
import { targetsOf, type Wanted } from './targets/targets.ts';

export interface Ports {
  readonly records: Records;
  readonly documents: Documents;
}

export interface SyncOptions extends Run {
  /** Names of the jobs that a person lets past the guard. */
  readonly forced?: ReadonlySet<string>;
  /** Attempts at a document that another writer keeps changing, and the first pause between them. */
  readonly attempts?: number;
  readonly pauseMs?: number;
}

/**
 * Makes every list of these jobs say what their zones hold: read the documents, list the records, select the
 * targets, render, write what changed. Documents are read before records, so that a run which lists old
 * records has an old version too, and its write is refused. One list's failure keeps no other from being
 * written.
 *
 * @returns one outcome per job and place, in the order of the settings; it throws only what nobody foresaw
 */
export async function sync(
  jobs: readonly Job[],
  ports: Ports,
  options: SyncOptions,
): Promise<Outcome[]> {
  const documents = documentsOf(jobs);
  const read = documents.map(({ location, create }) =>
    settle(ports.documents.read(location, { create }, options)),
  );
  const snapshots = await Promise.all(read);
  const listings = new Listings(ports.records, jobs, options);
  const outcomes: Outcome[] = [];
  for (const [i, document] of documents.entries()) {
    const snapshot = snapshots[i] as Snapshot | Fault;
    outcomes.push(...(await syncDocument(document, snapshot, listings, ports, options)));
  }
  return inOrderOf(jobs, outcomes);
}

/** One document until it is written or given up: a conflict starts over from reading, records included. */
async function syncDocument(
  document: DocumentLists,
  first: Snapshot | Fault,
  shared: Listings,
  ports: Ports,
  options: SyncOptions,
): Promise<Outcome[]> {
  let snapshot = first;
  let listings = shared;
  let conflicts = 0;
  let unsure: Unsure | undefined;
  const attempt = async (): Promise<Outcome[]> => {
    if (conflicts > 0) {
      snapshot = await settle(ports.documents.read(document.location, document, options));
      listings = listings.again();
    }
    if (snapshot instanceof Fault) throw unsure?.fault ?? snapshot;
    if (unsure !== undefined && snapshot.text === unsure.text) return unsure.outcomes;
    if (snapshot.paused) return document.lists.map((list) => without(list, 'paused', undefined));
    const wanted = await wantedBy(document, listings, options);
    const folded = fold(document.lists, snapshot, wanted, options.forced ?? new Set());
    if (folded.text === undefined || folded.text === snapshot.text) return folded.outcomes;
    try {
      const managed = managedBy(snapshot, folded.outcomes);
      const status = await ports.documents.write(snapshot, folded.text, managed, options);
      return folded.outcomes.map((outcome) => settled(outcome, { status }));
    } catch (error) {
      const fault = asFault(error);
      // Whether an unanswered write arrived is read from the document, never assumed.
      unsure =
        fault.code === 'write-unknown'
          ? {
              fault,
              text: folded.text,
              outcomes: folded.outcomes.map((it) => settled(it, { status: 'written' })),
            }
          : undefined;
      if (fault.code === 'conflict' || unsure) throw fault;
      return folded.outcomes.map((outcome) => settled(outcome, { status: 'failed', fault }));
    }
  };
  try {
    const outcomes = await pRetry(attempt, {
      retries: (options.attempts ?? 5) - 1,
      minTimeout: options.pauseMs ?? 100,
      maxTimeout: 20 * (options.pauseMs ?? 100),
      randomize: true,
      signal: options.signal,
      shouldRetry: ({ error }) => {
        conflicts += 1;
        return (
          error instanceof Fault && (error.code === 'conflict' || error.code === 'write-unknown')
        );
      },
    });
    return outcomes.map((outcome) => ({ ...outcome, conflicts }));
  } catch (error) {
    const fault = options.signal.aborted ? overTime(error) : asFault(error);
    return document.lists.map((list) => ({ ...without(list, 'failed', fault), conflicts }));
  }
}

/** A write of which nobody knows whether it arrived. */
interface Unsure {
  readonly fault: Fault;
  readonly text: string;
  readonly outcomes: Outcome[];
}

/** What each job of a document wants, or why that cannot be said. */
async function wantedBy(
  document: DocumentLists,
  listings: Listings,
  options: SyncOptions,
): Promise<Map<Job, Wanted | Fault>> {
  const wanted = new Map<Job, Wanted | Fault>();
  for (const { job } of document.lists) {
    try {
      wanted.set(job, targetsOf(job, await listings.of(job)));
    } catch (error) {
      wanted.set(job, options.signal.aborted ? overTime(error) : asFault(error));
    }
  }
  return wanted;
}

function documentsOf(jobs: readonly Job[]): DocumentLists[] {
  const lists = jobs.flatMap((job) => job.to.map((place) => ({ job, place })));
  return [...Map.groupBy(lists, ({ place }) => documentKey(place.location)).values()].map(
    (same) => ({
      location: (same[0] as List).place.location,
      create: same.some(({ place }) => place.create),
      lists: same,
    }),
  );
}

function documentKey(location: Location): string {
  return location.kind === 'file' ? location.path : placeText(location);
}

function inOrderOf(jobs: readonly Job[], outcomes: readonly Outcome[]): Outcome[] {
  return jobs.flatMap((job) =>
    job.to.flatMap((place) => outcomes.filter((it) => it.job === job && it.place === place)),
  );
}

function overTime(cause: unknown): Fault {
  return cause instanceof Fault && cause.code === 'deadline'
    ? cause
    : new Fault('deadline', "the run's time was over", { cause });
}

async function settle<T>(promise: Promise<T>): Promise<T | Fault> {
  return promise.catch(asFault);
}
