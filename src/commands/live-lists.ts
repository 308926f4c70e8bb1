import { openList, ownerOf } from '../document/document.ts';
import { asFault, type Fault } from '../fault.ts';
import type { Job, Place } from '../job.ts';
import { objectKey, objectOf } from '../location.ts';
import { type Objects, type Snapshot, textAt } from '../objects/objects.ts';
import type { Run } from '../run.ts';
import type { Target } from '../target.ts';
import type { ListKind } from '../targets/usable.ts';

/** A job's list in one place. */
export interface LiveList extends ListKind {
  readonly targets: readonly Target[];
  /** undefined: the document is missing, and the first sync creates it. */
  readonly text: string | undefined;
  readonly snapshot: Snapshot;
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
