import { EVENT_ID, SCALAR_STYLE } from 'js-yaml';
import { escapeUnprintable, flowScalar, jsonScalar } from '../scalar.ts';
import { afterColon, type Edit } from './edit-block.ts';
import type { TargetGroup } from './target-groups.ts';
import { lineBreakAt, skipBlanks, startOfLine } from './yaml/lines.ts';
import { unsafe } from './yaml/merge-keys.ts';
import { contentStart, type Pair, startOf, type Yaml } from './yaml/nodes.ts';
import type { NodeId } from './yaml/ranges.ts';

/** How a flow mapping is written. */
interface FlowStyle {
  /** Keys in double quotes: it may be JSON, and must remain JSON. */
  readonly json: boolean;
  /** The indentation of the key, where each pair has its own line; undefined where they share one. */
  readonly lead: string | undefined;
  readonly unit: string;
  readonly lineBreak: string;
}

/** Writes the targets as the value of a key in a flow mapping: `{job_name: federate, static_configs: [..]}`. */
export function replaceInFlow(
  yaml: Yaml,
  { key, value }: Pair,
  wanted: readonly TargetGroup[],
  job: NodeId,
): Edit {
  const list = flowList(wanted, flowStyle(yaml, key, job));
  const start = startOf(yaml, value);
  if (start !== -1) return { start, end: yaml.end[value] as number, text: list };
  const colon = afterColon(yaml, key, true);
  return { start: colon, end: skipBlanks(yaml.text, colon), text: ` ${list}` };
}

/** Adds the key `static_configs` with the targets after the job's name. */
export function addToFlow(
  yaml: Yaml,
  job: NodeId,
  jobName: Pair,
  wanted: readonly TargetGroup[],
): Edit {
  if (yaml.text[contentStart(yaml, job)] !== '{') {
    throw unsafe(yaml, job, 'the job must be a mapping in brackets');
  }
  const style = flowStyle(yaml, jobName.key, job);
  const after = yaml.end[jobName.value] as number;
  const before = style.lead === undefined ? ' ' : style.lineBreak + style.lead;
  const key = style.json ? '"static_configs"' : 'static_configs';
  return { start: after, end: after, text: `,${before}${key}: ${flowList(wanted, style)}` };
}

function flowStyle(yaml: Yaml, key: NodeId, job: NodeId): FlowStyle {
  const { text } = yaml;
  const start = startOf(yaml, key);
  const lead = text.slice(startOfLine(text, start), start);
  const bracket = contentStart(yaml, job);
  const outer = /^[ \t]*/.exec(text.slice(startOfLine(text, bracket), bracket))?.[0] ?? '';
  const event = yaml.events[key];
  return {
    json: event?.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.DOUBLE_QUOTED,
    lead: lead.trim() === '' ? lead : undefined,
    unit: (lead.startsWith(outer) ? lead.slice(outer.length).slice(0, 8) : '') || '  ',
    lineBreak: lineBreakAt(text, start),
  };
}

function flowList(groups: readonly TargetGroup[], style: FlowStyle): string {
  if (groups.length === 0) return '[]';
  if (style.json && style.lead !== undefined) return jsonList(groups, style, style.lead);
  const scalar = style.json ? jsonScalar : flowScalar;
  const word = style.json ? (name: string) => `"${name}"` : (name: string) => name;
  const texts = groups.map(({ addresses, labels }) => {
    const pairs = Object.entries(labels).map(
      ([name, value]) => `${scalar(name)}: ${scalar(value)}`,
    );
    const labelled = pairs.length === 0 ? '' : `, ${word('labels')}: {${pairs.join(', ')}}`;
    return `{${word('targets')}: [${addresses.map(scalar).join(', ')}]${labelled}}`;
  });
  if (style.lead === undefined) return `[${texts.join(', ')}]`;
  const outer = style.lineBreak + style.lead;
  return `[${outer}${style.unit}${texts.join(`,${outer}${style.unit}`)}${outer}]`;
}

/** As JSON.stringify formats it, indented to its place. */
function jsonList(
  groups: readonly TargetGroup[],
  { unit, lineBreak }: FlowStyle,
  lead: string,
): string {
  return jsonGroups(groups, unit).replaceAll('\n', lineBreak + lead);
}

/** Target groups as JSON. */
export function jsonGroups(groups: readonly TargetGroup[], unit: string): string {
  const json = groups.map(({ addresses: targets, labels }) =>
    Object.keys(labels).length === 0 ? { targets } : { targets, labels },
  );
  return escapeUnprintable(JSON.stringify(json, null, unit));
}
