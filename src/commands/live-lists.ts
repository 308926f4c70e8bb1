import { openList, ownerOf } from '../document/document.ts';
import { asFault, type Fault, type FaultCode } from '../fault.ts';
import type { Job, Place } from '../job.ts';
import { objectKey, objectOf } from '../location.ts';
import { type Objects, type Snapshot, textAt } from '../objects/objects.ts';
import { render } from '../render.ts';
import type { Outcome } from '../report.ts';
import type { Run } from '../run.ts';
import type { Target } from '../target.ts';
import { hostOfAddress } from '../targets/address.ts';
import type { Wanted } from '../targets/targets.ts';
import type { ListKind } from '../targets/usable.ts';

/** A job's list in one place. */
export interface LiveList extends ListKind {
  readonly targets: readonly Target[];
  /** undefined: the document is missing, and the first sync creates it. */
  readonly text: string | undefined;
  readonly snapshot: Snapshot;
}

/** Why the next sync does not make a change: the object is paused, or the fault, or the guard. */
export type Blocked = 'paused' | FaultCode;

/** What the next sync would do with a list: rendered, never written. */
export function nextOutcome(
  job: Job,
  place: Place,
  { snapshot }: LiveList,
  wanted: Wanted,
): Outcome {
  const [outcome] = render([{ job, place }], snapshot, new Map([[job, wanted]])).outcomes;
  return { ...(outcome as Outcome), ...(snapshot.paused && { status: 'paused' }) };
}

/** Why it would not change this host in the list; undefined if it would. */
export function blockedBy({ status, fault, withheld }: Outcome, host: string): Blocked | undefined {
  if (status === 'paused') return 'paused';
  if (status === 'failed') return fault?.code;
  return withheld.some(({ address }) => hostOfAddress(address) === host) ? fault?.code : undefined;
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
      const { targets, relabelled } = openList(text, ownerOf(job, place));
      return { targets, relabelled, format: place.format, text, snapshot };
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
