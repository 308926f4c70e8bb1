import { openList } from '../document/document.ts';
import { asFault, type Fault } from '../fault.ts';
import type { Job, Place } from '../job.ts';
import { placeText } from '../location.ts';
import type { Documents, Snapshot } from '../objects/documents.ts';
import type { Run } from '../records/records.ts';
import { ownerOf } from '../render.ts';
import type { Target } from '../target.ts';
import type { ListKind } from '../targets/usable.ts';

/** A job's list as it stands in one place. */
export interface LiveList extends ListKind {
  readonly targets: readonly Target[];
  readonly snapshot: Snapshot;
}

/** Reads lists; a document that holds several is read once. */
export class LiveLists {
  readonly #documents: Documents;
  readonly #run: Run;
  readonly #read = new Map<string, Promise<Snapshot>>();

  constructor(documents: Documents, run: Run) {
    this.#documents = documents;
    this.#run = run;
  }

  /** The Fault says why there is no reading it: the object is missing, or the job in it. */
  async read(job: Job, place: Place): Promise<LiveList | Fault> {
    try {
      const snapshot = await this.#snapshot(place);
      const { targets, relabelled } = openList(snapshot.text, ownerOf({ job, place }));
      return { targets, relabelled, format: place.format, snapshot };
    } catch (error) {
      return asFault(error);
    }
  }

  #snapshot({ location, create }: Place): Promise<Snapshot> {
    const key = `${placeText(location)} ${create}`;
    const known = this.#read.get(key);
    if (known) return known;
    const reading = this.#documents.read(location, { create }, this.#run);
    this.#read.set(key, reading);
    return reading;
  }
}
