import { basename } from 'node:path';
import { Fault } from '../../fault.ts';
import { type Paint, targetText, visible } from '../print.ts';
import type { FromStory, JobStory } from './explain.ts';
import type { PlaceStory } from './place-explanation.ts';
import type { RecordStory } from './record-explanation.ts';

/** The stories of a name as a person reads them; a job that has nothing to do with it in one line. */
export function explanationLines(
  asked: string,
  stories: readonly JobStory[],
  painted: Paint,
): string[] {
  // Names of records, and what stands in lists, can hold anything.
  const paint: Paint = (style, text) => painted(style, visible(text));
  const lines = [paint('bold', asked)];
  if (stories.every((story) => isSilent(story) && !hasFault(story))) {
    const sources = new Set(stories.flatMap(({ from }) => from.map(sourceText)));
    lines.push(visible(`  is in none of the sources (${[...sources].join(', ')}), and in no list`));
  }
  for (const { job, from, also, places } of stories) {
    lines.push('', paint('bold', `job ${job.name}`));
    for (const [i, one] of from.entries()) lines.push(...fromLines(i, one, paint));
    for (const target of also) lines.push(`  also: ${paint('green', targetText(target))}`);
    for (const { to, story } of places) {
      lines.push(visible(`  to ${to}`), ...placeLines(story, paint).map((line) => `    ${line}`));
    }
  }
  return lines;
}

function isSilent({ from, also, places }: JobStory): boolean {
  return (
    also.length === 0 &&
    from.every(({ records }) => Array.isArray(records) && records.length === 0) &&
    places.every(({ story }) => !(story instanceof Fault) && story.state === 'absent')
  );
}

function hasFault({ from, places }: JobStory): boolean {
  return [...from.map(({ records }) => records), ...places.map(({ story }) => story)].some(
    (it) => it instanceof Fault,
  );
}

function fromLines(index: number, story: FromStory, paint: Paint): string[] {
  const { from, records, wildcard } = story;
  const lines = [visible(`  from[${index}] ${sourceText(story)}, names like ${from.select.name}`)];
  if (records instanceof Fault) return [...lines, `    not known: ${records.code}`];
  for (const record of records) lines.push(`    ${recordLine(record, paint)}`);
  if (records.length === 0) lines.push('    no record set of this name');
  if (wildcard !== undefined) {
    lines.push(visible(`    ${wildcard} answers for it; a wildcard announces no server`));
  }
  return lines;
}

function sourceText({ from: { source }, zoneName }: FromStory): string {
  if (!('zone' in source)) return `file ${basename(source.records)}`;
  return zoneName === undefined ? `zone ${source.zone}` : `zone ${source.zone} (${zoneName})`;
}

const RULES = {
  types: 'its type is not one of',
  name: 'its name does not match select.name',
  exclude: 'its name matches select.exclude',
  setIdentifier: 'its set identifier does not match select.setIdentifier',
};

function recordLine(story: RecordStory, paint: Paint): string {
  const { record, type, setIdentifier } = story;
  const name = visible(
    setIdentifier === undefined ? `${record} ${type}` : `${record} ${type} (${setIdentifier})`,
  );
  switch (story.verdict) {
    case 'target':
      return `${name}  ${paint('green', `target ${targetText(story.target)}`)}`;
    case 'skipped':
      return `${name}  ${paint('yellow', `skipped: ${story.code}, ${story.reason}`)}`;
    case 'not-selected':
      return `${name}  ${paint('dim', `no target: ${RULES[story.rule]} ${story.by}`)}`;
  }
}

const STATES: Record<PlaceStory['state'], string> = {
  listed: 'in the list',
  'to-add': 'not in the list yet; the next sync adds it',
  'to-change': 'in the list, but otherwise; the next sync changes it',
  'to-remove':
    'in the list, but nothing asks for it; the next sync removes it, if the guard agrees',
  absent: 'not in the list',
};

function placeLines(story: PlaceStory | Fault, paint: Paint): string[] {
  if (story instanceof Fault) return [`not known: ${story.code}`];
  const { state, wanted, listed, skipped } = story;
  const lines = [paint(state === 'listed' ? 'green' : 'yellow', STATES[state])];
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
