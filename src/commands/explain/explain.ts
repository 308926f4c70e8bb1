import type { Connection } from '../../connect.ts';
import { asFault, Fault } from '../../fault.ts';
import type { From, Job } from '../../job.ts';
import { locationText } from '../../location.ts';
import { Listings } from '../../records/listings.ts';
import type { RecordSet } from '../../records/record-set.ts';
import type { Run } from '../../run.ts';
import type { Target } from '../../target.ts';
import { targetsOf } from '../../targets/targets.ts';
import { LiveLists } from '../live-lists.ts';
import { type PlaceStory, placeStory } from './place-explanation.ts';
import { isAt, type RecordStory, recordStories, wildcardFor } from './record-explanation.ts';

/** What a job has to do with a name. */
export interface JobStory {
  readonly job: Job;
  readonly from: readonly FromStory[];
  readonly also: readonly Target[];
  readonly places: readonly { readonly to: string; readonly story: PlaceStory | Fault }[];
}

export interface FromStory {
  readonly from: From;
  /** The zone's name; undefined for a file, and for a zone that could not be read. */
  readonly zoneName: string | undefined;
  readonly records: readonly RecordStory[] | Fault;
  /** The name has no record set, but this one answers for it. */
  readonly wildcard: string | undefined;
}

/** What every job has to do with a host (`askedHost`), as records and lists are now. Throws nothing: see the Faults. */
export async function explain(
  asked: string,
  jobs: readonly Job[],
  { records, route53, objects }: Connection,
  { signal }: Run,
): Promise<JobStory[]> {
  // Without a suffix: a name that no pattern can match is to be seen, too.
  const whole = { list: (source: From['source']) => records.list(source, undefined, { signal }) };
  const listings = new Listings(whole, jobs, { signal });
  const lists = new LiveLists(objects, { signal });

  const fromStory = async (job: Job, from: From): Promise<[FromStory, readonly RecordSet[]]> => {
    const { source } = from;
    try {
      const [listed = []] = await listings.of({ ...job, from: [from] });
      const zoneName = 'zone' in source ? (await route53.zone(source, { signal })).Name : undefined;
      const stories = recordStories(from, listed, asked);
      return [{ from, zoneName, records: stories, wildcard: wildcardFor(listed, asked) }, listed];
    } catch (error) {
      return [{ from, zoneName: undefined, records: asFault(error), wildcard: undefined }, []];
    }
  };

  const stories: JobStory[] = [];
  for (const job of jobs) {
    const from: FromStory[] = [];
    const listed: (readonly RecordSet[])[] = [];
    for (const one of job.from) {
      const [told, records] = await fromStory(job, one);
      from.push(told);
      listed.push(records);
    }
    const unread = from.map(({ records: told }) => told).find((told) => told instanceof Fault);
    const places: JobStory['places'][number][] = [];
    for (const place of job.to) {
      const list = await lists.read(job, place);
      // What the job wants is not known while one of its sources is not.
      const fault = unread ?? (list instanceof Fault ? list : undefined);
      const story =
        fault ?? placeStory(asked, targetsOf(job, listed), list as Exclude<typeof list, Fault>);
      places.push({ to: locationText(place.location), story });
    }
    stories.push({ job, from, also: job.also.filter((target) => isAt(target, asked)), places });
  }
  return stories;
}
