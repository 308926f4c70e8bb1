import { openList, ownerOf } from './document/document.ts';
import { asFault, type Fault, type FaultCode } from './fault.ts';
import type { Job, Place } from './job.ts';
import { objectKey, objectOf } from './location.ts';
import { type Objects, type Snapshot, textAt } from './objects/objects.ts';
import { render } from './render.ts';
import { type Outcome, timeText } from './report.ts';
import type { Run } from './run.ts';
import type { Target } from './target.ts';
import { hostOfAddress } from './targets/address.ts';
import type { Wanted } from './targets/targets.ts';
import type { ListKind } from './targets/usable.ts';

/** A job's list in one place. */
export interface LiveList extends ListKind {
  readonly targets: readonly Target[];
  /** undefined: the document is missing, and the first sync creates it. */
  readonly text: string | undefined;
  readonly snapshot: Snapshot;
}

/** Why the next sync does not make a change: the object is paused, or `keep`, or the fault, or the guard. */
export type Blocked = 'paused' | 'kept' | FaultCode;

/** What the next sync would do with a list: rendered, never written. */
export function nextOutcome(
  job: Job,
  place: Place,
  { snapshot }: LiveList,
  wanted: Wanted,
): Outcome {
  const [outcome] = render([{ job, place }], snapshot, new Map([[job, wanted]]), {
    now: Date.now(),
  }).outcomes;
  return { ...(outcome as Outcome), ...(snapshot.paused && { status: 'paused' }) };
}

/** Why it would not change this host in the list; undefined if it would. */
export function blockedBy(outcome: Outcome, host: string): Blocked | undefined {
  const { status, fault, withheld } = outcome;
  if (status === 'paused') return 'paused';
  if (status === 'failed') return fault?.code;
  if (keptUntil(outcome, host) !== undefined) return 'kept';
  return withheld.some(({ address }) => hostOfAddress(address) === host) ? fault?.code : undefined;
}

/** Until when `keep` holds this host in the list (ISO 8601); undefined: it does not. */
export function keptUntil({ kept }: Outcome, host: string): string | undefined {
  const found = kept.find(({ target }) => hostOfAddress(target.address) === host);
  return found && timeText(found.until);
}

/** Reads lists; an object that holds several is read once. */
export class LiveLists {
  readonly #objects: Objects;
  readonly #run: Run;
  readonly #read = new Map<string, Promise<Snapshot>>();

  constructor(objects: Objects, run: Run) {
    this.#objects = objects;
    this.#run = run;
  }

  /** The Fault is why the list cannot be read: the object is missing, or the job in it. */
  async read(job: Job, place: Place): Promise<LiveList | Fault> {
    try {
      const snapshot = await this.#snapshot(place);
      const text = textAt(snapshot, place);
      const opened = openList(text ?? place.template?.text, ownerOf(job, place));
      const targets = text === undefined ? [] : opened.targets;
      return { targets, relabelled: opened.relabelled, format: place.format, text, snapshot };
    } catch (error) {
      return asFault(error);
    }
  }

  async #snapshot({ location }: Place): Promise<Snapshot> {
    const object = objectOf(location);
    const key = objectKey(object);
    const reading = this.#read.get(key) ?? this.#objects.read(object, { create: true }, this.#run);
    this.#read.set(key, reading);
    return reading;
  }
}
