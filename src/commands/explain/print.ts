import { basename } from 'node:path';
import { Fault } from '../../fault.ts';
import { RULES } from '../../targets/select.ts';
import { type Paint, targetText, visible } from '../print.ts';
import type { FromExplanation, JobExplanation } from './explain.ts';
import type { PlaceExplanation } from './place-explanation.ts';
import type { RecordExplanation } from './record-explanation.ts';

/** The explanations of a name as text. */
export function explanationLines(
  asked: string,
  explanations: readonly JobExplanation[],
  paint: Paint,
): string[] {
  const lines = [paint('bold', asked)];
  if (explanations.every(isSilent)) {
    const sources = new Set(explanations.flatMap(({ from }) => from.map(sourceText)));
    lines.push(visible(`  is not in any source (${[...sources].join(', ')}) or list`));
  }
  for (const { job, from, also, places } of explanations) {
    lines.push('', paint('bold', `job ${job.name}`));
    for (const [i, one] of from.entries()) lines.push(...fromLines(i, one, paint));
    for (const target of also) lines.push(`  also: ${paint('green', targetText(target))}`);
    for (const { to, explanation } of places) {
      lines.push(
        visible(`  to ${to}`),
        ...placeLines(explanation, paint).map((line) => `    ${line}`),
      );
    }
  }
  return lines;
}

function isSilent({ from, also, places }: JobExplanation): boolean {
  return (
    also.length === 0 &&
    from.every(({ records }) => Array.isArray(records) && records.length === 0) &&
    places.every(
      ({ explanation }) => !(explanation instanceof Fault) && explanation.state === 'absent',
    )
  );
}

function fromLines(index: number, explanation: FromExplanation, paint: Paint): string[] {
  const { from, records, wildcard } = explanation;
  const lines = [
    visible(`  from[${index}] ${sourceText(explanation)}, names like ${from.select.name}`),
  ];
  if (records instanceof Fault) return [...lines, `    unknown: ${records.code}`];
  for (const record of records) lines.push(`    ${recordLine(record, paint)}`);
  if (records.length === 0) lines.push('    no record set with this name');
  if (wildcard !== undefined) {
    lines.push(visible(`    ${wildcard} answers for it; a wildcard does not name one server`));
  }
  return lines;
}

function sourceText({ from: { source }, zoneName }: FromExplanation): string {
  if (!('zone' in source)) return `file ${basename(source.records)}`;
  return zoneName === undefined ? `zone ${source.zone}` : `zone ${source.zone} (${zoneName})`;
}

function recordLine(explanation: RecordExplanation, paint: Paint): string {
  const { record, text, type, setIdentifier } = explanation;
  const name = visible(
    [
      record,
      ...(text === undefined ? [] : [`(${text})`]),
      type,
      ...(setIdentifier === undefined ? [] : [`(${setIdentifier})`]),
    ].join(' '),
  );
  switch (explanation.verdict) {
    case 'target':
      return [
        `${name}  ${paint('green', `target ${targetText(explanation.target)}`)}`,
        ...(explanation.warning ? [paint('yellow', `warning: ${explanation.warning}`)] : []),
      ].join('  ');
    case 'skipped':
      return `${name}  ${paint('yellow', `skipped: ${explanation.code}, ${explanation.reason}`)}`;
    case 'not-selected':
      return `${name}  ${paint('dim', `not a target: ${RULES[explanation.rule]} ${explanation.by}`)}`;
  }
}

const STATES: Record<PlaceExplanation['state'], string> = {
  listed: 'in the list',
  'to-add': 'not in the list yet',
  'to-change': 'in the list with another address or labels',
  'to-remove': 'in the list, but no longer wanted',
  absent: 'not in the list',
};

const NEXT: Partial<Record<PlaceExplanation['state'], string>> = {
  'to-add': 'adds',
  'to-change': 'changes',
  'to-remove': 'removes',
};

const BLOCKED: Record<string, string> = {
  paused: 'the object is paused (annotation route53-federation-sync/paused)',
  'guard-memory': 'it is unknown what was removed before (guard-memory)',
  'guard-adopt': 'the first run on a list removes nothing (guard-adopt)',
  'guard-max-removed': 'the guard refuses so many removals (guard-max-removed)',
  'guard-min-targets': 'the guard refuses so few targets (guard-min-targets)',
};

function placeLines(explanation: PlaceExplanation | Fault, paint: Paint): string[] {
  if (explanation instanceof Fault) return [`unknown: ${explanation.code}`];
  const { state, wanted, listed, skipped, blocked, keptUntil } = explanation;
  const next = NEXT[state];
  const then =
    next &&
    (keptUntil !== undefined
      ? `; its name is gone, and keep holds it until ${keptUntil}`
      : blocked
        ? `; no sync ${next} it: ${BLOCKED[blocked] ?? blocked}`
        : `; the next sync ${next} it`);
  const lines = [paint(state === 'listed' ? 'green' : 'yellow', `${STATES[state]}${then ?? ''}`)];
  if (state === 'to-change' || state === 'to-remove') {
    lines.push(...listed.map((target) => paint('red', `- ${targetText(target)}`)));
  }
  if (state === 'to-change' || state === 'to-add') {
    lines.push(...wanted.map((target) => paint('green', `+ ${targetText(target)}`)));
  }
  return [
    ...lines,
    ...skipped.map(({ code, reason }) => visible(`skipped here: ${code}, ${reason}`)),
  ];
}
