import { setImmediate, setTimeout } from 'node:timers/promises';
import { asFault, Fault } from './fault.ts';
import type { Job } from './job.ts';
import type { Documents, Snapshot } from './objects/documents.ts';
import type { Listings } from './records/listings.ts';
import type { Records, Run } from './records/records.ts';
import {
  besides,
  type DocumentLists,
  fold,
  isAdopted,
  type List,
  managedBy,
  settled,
  without,
} from './render.ts';
import type { Outcome } from './report.ts';
import { deadlineFault, throwIfOver } from './run.ts';
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
 * The documents of one object (the keys of a ConfigMap; a file is one by itself), as they were last read. They
 * share a version: what writes one of them changes the version of all.
 */
export interface ObjectRead {
  readonly documents: readonly DocumentLists[];
  snapshots: readonly (Snapshot | Fault)[];
  listings: Listings;
}

/** One document until it is written or given up: a conflict starts over from reading, records included. */
export async function syncDocument(
  document: DocumentLists,
  object: ObjectRead,
  ports: Ports,
  options: SyncOptions,
): Promise<Outcome[]> {
  const { attempts = 5, pauseMs = 100 } = options;
  let unsure: Unsure | undefined;
  for (let conflicts = 0; ; conflicts++) {
    const ended = (outcomes: Outcome[]) => outcomes.map((outcome) => ({ ...outcome, conflicts }));
    try {
      if (conflicts > 0) {
        await pause(pauseMs, conflicts, options);
        object.snapshots = await read(object.documents, ports, options);
        object.listings = object.listings.again();
      }
      if (unsure && conflicts === attempts) return ended(lastWord(document, object, unsure));
      return ended(await attempt(document, object, unsure, ports, options));
    } catch (error) {
      const fault = error instanceof Restart ? error.fault : asFault(error);
      if (error instanceof Restart) ({ unsure } = error);
      const most = unsure ? attempts + 1 : attempts;
      if (!(error instanceof Restart) || conflicts + 1 >= most) {
        const known = fault.code === 'deadline' && unsure ? unsure.fault : fault;
        return ended(document.lists.map((list) => without(list, 'failed', known)));
      }
    }
  }
}

/** One attempt at a document. Throws Restart where another one may end better. */
async function attempt(
  document: DocumentLists,
  object: ObjectRead,
  unsure: Unsure | undefined,
  ports: Ports,
  options: SyncOptions,
): Promise<Outcome[]> {
  const snapshot = snapshotOf(document, object);
  if (snapshot instanceof Fault) {
    if (unsure) throw new Restart(unsure.fault, unsure);
    throw snapshot;
  }
  if (unsure && snapshot.text === unsure.text) return unsure.outcomes;
  if (snapshot.paused) return document.lists.map((list) => without(list, 'paused', undefined));
  const { text, outcomes } = await folded(document.lists, snapshot, object.listings, options);
  if (text === undefined || text === snapshot.text) return outcomes;
  const strange = await notAdopted(document, snapshot, object, options);
  const managed = managedBy(snapshot, outcomes, strange);
  try {
    const { status, version } = await ports.documents.write(snapshot, text, managed, options);
    object.snapshots = object.snapshots.map((other) =>
      other instanceof Fault ? other : besides(other, { snapshot, text, managed, version }),
    );
    return outcomes.map((outcome) => settled(outcome, { status }));
  } catch (error) {
    const fault = asFault(error);
    // The other writer may have been our own unanswered write, which came late.
    if (fault.code === 'conflict') throw new Restart(fault, unsure);
    if (fault.code !== 'write-unknown') {
      return outcomes.map((outcome) => settled(outcome, { status: 'failed', fault }));
    }
    // Whether an unanswered write arrived is read from the document, never assumed.
    const arrived = outcomes.map((outcome) => settled(outcome, { status: 'written' }));
    throw new Restart(fault, { fault, text, outcomes: arrived });
  }
}

/**
 * Jobs that may not take the object into care yet: they have a list in another document of it, too, and would
 * remove there what nobody has looked at.
 */
async function notAdopted(
  document: DocumentLists,
  { adopted }: Snapshot,
  object: ObjectRead,
  options: SyncOptions,
): Promise<Set<string>> {
  const all = document.lists.map(({ job }) => job);
  const jobs = new Set(all.filter((job) => !isAdopted(adopted, job)));
  const names = new Set<string>();
  for (const other of object.documents) {
    const snapshot = snapshotOf(other, object);
    if (other === document || snapshot instanceof Fault || snapshot.paused) continue;
    const lists = other.lists.filter(({ job }) => jobs.has(job));
    const { outcomes } = await folded(lists, snapshot, object.listings, options);
    for (const { job, fault } of outcomes) if (fault?.code === 'guard-adopt') names.add(job.name);
  }
  return names;
}

/** After the last attempt, what became of an unanswered write is read as well. */
function lastWord(document: DocumentLists, object: ObjectRead, unsure: Unsure): Outcome[] {
  const snapshot = snapshotOf(document, object);
  const arrived = !(snapshot instanceof Fault) && snapshot.text === unsure.text;
  if (!arrived) throw unsure.fault;
  return unsure.outcomes;
}

function snapshotOf(document: DocumentLists, { documents, snapshots }: ObjectRead) {
  return snapshots[documents.indexOf(document)] as Snapshot | Fault;
}

/** The document is to be read again, and everything after it done again. */
class Restart extends Error {
  readonly fault: Fault;
  readonly unsure: Unsure | undefined;

  constructor(fault: Fault, unsure: Unsure | undefined) {
    super(fault.message);
    this.fault = fault;
    this.unsure = unsure;
  }
}

/** A write of which nobody knows whether it arrived. */
interface Unsure {
  readonly fault: Fault;
  readonly text: string;
  readonly outcomes: Outcome[];
}

/** The documents of one object, each as it is or why it cannot be read. */
export function read(
  documents: readonly DocumentLists[],
  ports: Ports,
  options: SyncOptions,
): Promise<(Snapshot | Fault)[]> {
  const one = async ({ location, create }: DocumentLists) =>
    ports.documents.read(location, { create }, options);
  return Promise.all(documents.map((document) => one(document).catch(asFault)));
}

/** Longer with every attempt, and never the same, so that two runs do not meet again. */
async function pause(pauseMs: number, conflicts: number, options: SyncOptions): Promise<void> {
  const longest = Math.min(pauseMs * 2 ** conflicts, 20 * pauseMs);
  const ms = (longest * (1 + Math.random())) / 2;
  await setTimeout(ms, undefined, { signal: options.signal }).catch(() => {
    throw deadlineFault(options, 'before the document was read again');
  });
}

/** The document's text with these lists as their jobs want them. */
async function folded(
  lists: readonly List[],
  snapshot: Snapshot,
  listings: Listings,
  options: SyncOptions,
) {
  const wanted = await wantedBy(lists, listings, options);
  return fold(lists, snapshot, wanted, options.forced ?? new Set());
}

/** What the job of each list wants, or why that cannot be said. */
async function wantedBy(
  lists: readonly List[],
  listings: Listings,
  options: SyncOptions,
): Promise<Map<Job, Wanted | Fault>> {
  const wanted = new Map<Job, Wanted | Fault>();
  for (const { job } of lists) {
    try {
      const listed = await listings.of(job);
      // Patterns may have kept the whole process busy: without this the run's end would not be noticed.
      await setImmediate();
      throwIfOver(options, `before the targets of ${job.name} were selected`);
      wanted.set(job, targetsOf(job, listed));
    } catch (error) {
      const isOver = options.signal.aborted && !(error instanceof Fault);
      wanted.set(job, isOver ? deadlineFault(options, 'in the listing') : asFault(error));
    }
  }
  return wanted;
}
