import type { Connection } from '../../connect.ts';
import { asFault, Fault } from '../../fault.ts';
import type { From, Job, Place } from '../../job.ts';
import { type LiveList, LiveLists, nextOutcome } from '../../live-lists.ts';
import { locationText } from '../../location.ts';
import { Listings } from '../../records/listings.ts';
import type { RecordSet } from '../../records/record-set.ts';
import { wholeZones } from '../../records/records.ts';
import type { Run } from '../../run.ts';
import type { Target } from '../../target.ts';
import { targetsOf } from '../../targets/targets.ts';
import { explainPlace, type PlaceExplanation } from './place-explanation.ts';
import { explainRecords, isAt, type RecordExplanation, wildcardFor } from './record-explanation.ts';

/** How a job handles a name. */
export interface JobExplanation {
  readonly job: Job;
  readonly from: readonly FromExplanation[];
  readonly also: readonly Target[];
  readonly places: readonly {
    readonly to: string;
    readonly explanation: PlaceExplanation | Fault;
  }[];
}

export interface FromExplanation {
  readonly from: From;
  /** The zone's name; undefined for a file, and for a zone that could not be read. */
  readonly zoneName: string | undefined;
  readonly records: readonly RecordExplanation[] | Fault;
  /** The name has no record set, but this wildcard answers for it. */
  readonly wildcard: string | undefined;
}

/** How every job handles a host (`plainHost`), with the current records and lists. Faults are in the result. */
export async function explain(
  asked: string,
  jobs: readonly Job[],
  { records, route53, dryRun }: Connection,
  { signal }: Run,
): Promise<JobExplanation[]> {
  const listings = new Listings(wholeZones(records), jobs, { signal });
  const lists = new LiveLists(dryRun, { signal });

  const explainFrom = async (
    job: Job,
    from: From,
  ): Promise<[FromExplanation, readonly RecordSet[]]> => {
    const { source } = from;
    try {
      const [listed = []] = await listings.of({ ...job, from: [from] });
      const zoneName = 'zone' in source ? (await route53.zone(source, { signal })).Name : undefined;
      const explanations = explainRecords(from, listed, asked);
      return [
        { from, zoneName, records: explanations, wildcard: wildcardFor(listed, asked) },
        listed,
      ];
    } catch (error) {
      return [{ from, zoneName: undefined, records: asFault(error), wildcard: undefined }, []];
    }
  };

  const explanations: JobExplanation[] = [];
  for (const job of jobs) {
    const from: FromExplanation[] = [];
    const listed: (readonly RecordSet[])[] = [];
    for (const one of job.from) {
      const [told, records] = await explainFrom(job, one);
      from.push(told);
      listed.push(records);
    }
    const unread = from.map(({ records: told }) => told).find((told) => told instanceof Fault);
    const places: JobExplanation['places'][number][] = [];
    for (const place of job.to) {
      const list = await lists.read(job, place);
      // The wanted list is unknown if one of its sources is.
      const fault = unread ?? (list instanceof Fault ? list : undefined);
      const explanation = fault ?? placeOf(asked, job, place, list as LiveList, listed);
      places.push({ to: locationText(place.location), explanation });
    }
    explanations.push({
      job,
      from,
      also: job.also.filter((target) => isAt(target, asked)),
      places,
    });
  }
  return explanations;
}

function placeOf(
  asked: string,
  job: Job,
  place: Place,
  list: LiveList,
  listed: readonly (readonly RecordSet[])[],
): PlaceExplanation {
  const wanted = targetsOf(job, listed);
  return explainPlace(asked, wanted, list, nextOutcome(job, place, list, wanted));
}
