import { Fault } from '../../fault.ts';
import { type Command, exitCodes } from '../command.ts';
import { painter, printFault } from '../print.ts';
import { withSettings } from '../session.ts';
import { explain, type JobExplanation } from './explain.ts';
import { explanationLines } from './print.ts';
import { plainHost } from './record-explanation.ts';

export const explainCommand: Command = {
  summary: 'show why a name is or is not a target: zone, rule, labels, and the lists that have it',
  operand: 'NAME',
  flags: [],
  run: withSettings(async (session) => {
    const { args, jobs, connection, signal, surroundings } = session;
    const asked = plainHost(args.operands[0] ?? '');
    if (asked === '') throw new Fault('usage', 'usage: federation-sync explain NAME');
    const explanations = await explain(asked, jobs, connection, { signal });
    const { stdout, env } = surroundings;
    stdout.write(
      args.json
        ? `${JSON.stringify(toJson(asked, explanations), null, 2)}\n`
        : `${explanationLines(asked, explanations, painter(stdout, env)).join('\n')}\n`,
    );
    const faults = explanations.flatMap(faultsOf);
    for (const { job, fault } of faults) printFault(session, fault, job);
    return faults.length > 0 ? exitCodes.failed : exitCodes.done;
  }),
};

/** Every fault once, although it may concern all places of a job. */
function faultsOf({ job, from, places }: JobExplanation): { job: string; fault: Fault }[] {
  const told = [
    ...from.map(({ records }) => records),
    ...places.map(({ explanation }) => explanation),
  ];
  const faults = new Set(told.filter((it) => it instanceof Fault));
  return [...faults].map((fault) => ({ job: job.name, fault }));
}

function toJson(name: string, explanations: readonly JobExplanation[]) {
  const orError = (told: object | Fault, key: string) =>
    told instanceof Fault
      ? { error: { code: told.code, message: told.message, remedy: told.remedy } }
      : { [key]: told };
  return {
    name,
    jobs: explanations.map(({ job, from, also, places }) => ({
      name: job.name,
      from: from.map(({ from: { source, select }, zoneName, records, wildcard }) => ({
        ...('zone' in source ? { zone: source.zone } : { records: source.records }),
        ...(zoneName !== undefined && { zoneName }),
        pattern: select.name,
        ...orError(records, 'recordSets'),
        ...(wildcard !== undefined && { wildcard }),
      })),
      also,
      to: places.map(({ to, explanation }) =>
        explanation instanceof Fault ? { to, ...orError(explanation, '') } : { to, ...explanation },
      ),
    })),
  };
}
