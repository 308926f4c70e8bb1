import type { Job } from './job.ts';
import { documentKey, objectKey } from './location.ts';
import { Listings } from './records/listings.ts';
import type { DocumentLists, List } from './render.ts';
import type { Outcome } from './report.ts';
import { type Ports, read, type SyncOptions, syncDocument } from './sync-object.ts';

export type { Ports, SyncOptions };

/**
 * Makes every list of these jobs say what their zones hold: read the documents, list the records, select the
 * targets, render, write what changed. Documents are read before records, so that a run which lists old
 * records has an old version too, and its write is refused. (A newer run that had nothing to write leaves no
 * version behind: where a zone goes back to what it was within a run, the next event or schedule repairs.)
 * One list's failure keeps no other from being written.
 *
 * @returns one outcome per job and place, in the order of the settings
 */
export async function sync(
  jobs: readonly Job[],
  ports: Ports,
  options: SyncOptions,
): Promise<Outcome[]> {
  const objects = objectsOf(jobs);
  const listings = new Listings(ports.records, jobs, options);
  const reading = objects.map((documents) => read(documents, ports, options));
  const [snapshots] = await Promise.all([Promise.all(reading), listings.prepare()]);
  const outcomes: Outcome[] = [];
  for (const [i, documents] of objects.entries()) {
    const object = { documents, snapshots: snapshots[i] ?? [], listings };
    for (const document of documents) {
      outcomes.push(...(await syncDocument(document, object, ports, options)));
    }
  }
  return inOrderOf(jobs, outcomes);
}

/** The documents that these jobs' lists stand in, by object. */
function objectsOf(jobs: readonly Job[]): DocumentLists[][] {
  const lists = jobs.flatMap((job) => job.to.map((place) => ({ job, place })));
  const byDocument = Map.groupBy(lists, ({ place }) => documentKey(place.location));
  const documents = [...byDocument.values()].map((lists) => {
    // Only a document that holds one list is ever created.
    const { location, create } = (lists[0] as List).place;
    return { location, create, lists };
  });
  return [...Map.groupBy(documents, ({ location }) => objectKey(location)).values()];
}

function inOrderOf(jobs: readonly Job[], outcomes: readonly Outcome[]): Outcome[] {
  return jobs.flatMap((job) =>
    job.to.flatMap((place) => outcomes.filter((it) => it.place === place)),
  );
}
