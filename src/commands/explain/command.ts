import { Fault } from '../../fault.ts';
import { type Command, exitCodes } from '../command.ts';
import { painter, printFault } from '../print.ts';
import { withSettings } from '../session.ts';
import { explain, type JobStory } from './explain.ts';
import { explanationLines } from './print.ts';
import { askedHost } from './record-explanation.ts';

export const explainCommand: Command = {
  summary: "why this record is or isn't a target: zone, rule, labels, and the lists that have it",
  operand: 'NAME',
  flags: [],
  run: withSettings(async (session) => {
    const { args, jobs, connection, signal, surroundings } = session;
    const asked = askedHost(args.operands[0] ?? '');
    if (asked === '') throw new Fault('usage', 'usage: federation-sync explain NAME');
    const stories = await explain(asked, jobs, connection, { signal });
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
