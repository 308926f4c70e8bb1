import { type PlaceStory, placeStory } from '../explain/place-story.ts';
import {
  askedHost,
  isAt,
  type RecordStory,
  recordStories,
  wildcardFor,
} from '../explain/record-story.ts';
import { asFault, Fault } from '../fault.ts';
import { LiveLists } from '../live-lists.ts';
import { placeText } from '../places/place-text.ts';
import { Listings } from '../records/listings.ts';
import type { RecordSet } from '../records/record-set.ts';
import type { From, Job } from '../settings/settings.ts';
import type { Target } from '../targets/target.ts';
import { targetsOf } from '../targets/targets.ts';
import { type Command, exitCodes, type Session } from './command.ts';
import { explanationLines } from './explain-print.ts';
import { painter, printFault } from './print.ts';
import { withSettings } from './session.ts';

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

export const explainCommand: Command = {
  summary: "why this record is or isn't a target: zone, rule, labels, and the lists that have it",
  operand: 'NAME',
  flags: [],
  run: withSettings(async (session) => {
    const { args, jobs, surroundings } = session;
    const asked = askedHost(args.operands[0] ?? '');
    if (asked === '') throw new Fault('usage', 'usage: federation-sync explain NAME');
    const stories = await explain(session, jobs, asked);
    const { stdout, env } = surroundings;
    stdout.write(
      args.json
        ? `${JSON.stringify(toJson(asked, stories), null, 2)}\n`
        : `${explanationLines(asked, stories, painter(stdout, env)).join('\n')}\n`,
    );
    const faults = stories.flatMap(faultsOf);
    for (const { job, fault } of faults) printFault(session, fault, job);
    return faults.length > 0 ? exitCodes.failed : exitCodes.done;
  }),
};

async function explain(
  { connection, signal }: Session,
  jobs: readonly Job[],
  asked: string,
): Promise<JobStory[]> {
  const { records, route53, documents } = connection;
  // Without a suffix: a name that no pattern can match is to be seen, too.
  const whole = { list: (source: From['source']) => records.list(source, undefined, { signal }) };
  const listings = new Listings(whole, jobs, { signal });
  const lists = new LiveLists(documents, { signal });

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
      places.push({ to: placeText(place.location), story });
    }
    stories.push({ job, from, also: job.also.filter((target) => isAt(target, asked)), places });
  }
  return stories;
}

/** Every fault once, though all places of a job wait for the same source. */
function faultsOf({ job, from, places }: JobStory): { job: string; fault: Fault }[] {
  const told = [...from.map(({ records }) => records), ...places.map(({ story }) => story)];
  const faults = new Set(told.filter((it) => it instanceof Fault));
  return [...faults].map((fault) => ({ job: job.name, fault }));
}

function toJson(name: string, stories: readonly JobStory[]) {
  const orError = (told: object | Fault, key: string) =>
    told instanceof Fault
      ? { error: { code: told.code, message: told.message, remedy: told.remedy } }
      : { [key]: told };
  return {
    name,
    jobs: stories.map(({ job, from, also, places }) => ({
      name: job.name,
      from: from.map(({ from: { source, select }, zoneName, records, wildcard }) => ({
        ...('zone' in source ? { zone: source.zone } : { records: source.records }),
        ...(zoneName !== undefined && { zoneName }),
        pattern: select.name,
        ...orError(records, 'recordSets'),
        ...(wildcard !== undefined && { wildcard }),
      })),
      also,
      to: places.map(({ to, story }) =>
        story instanceof Fault ? { to, ...orError(story, '') } : { to, ...story },
      ),
    })),
  };
}
