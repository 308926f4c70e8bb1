import { basename } from 'node:path';
import { styleText } from 'node:util';
import { type Fault, faultText } from '../fault.ts';
import { locationText } from '../location.ts';
import { type Outcome, timeText } from '../report.ts';
import { labelsText, type Target } from '../target.ts';
import type { Origin, WantedTarget } from '../targets/targets.ts';
import { count, durationText, visible } from '../wording.ts';
import type { Invocation, Terminal } from './command.ts';
import { faultAsRun } from './hints.ts';

export { visible };

type Style = Parameters<typeof styleText>[0];

/** Escapes text, and colours it where `stream` is a terminal and NO_COLOR is not set. */
export function painter(stream: Terminal, env: Readonly<Record<string, string | undefined>>) {
  const colours = stream.isTTY === true && !stream.escapes && !env.NO_COLOR;
  return (style: Style, text: string): string => {
    const shown = visible(text);
    return colours ? styleText(style, shown, { validateStream: false }) : shown;
  };
}

export type Paint = ReturnType<typeof painter>;

/** A list's additions, removals and changes, and its status; nothing of the document around it. */
export function outcomeLines(outcome: Outcome, paint: Paint): string[] {
  const { difference, skipped, warnings, kept, fault } = outcome;
  const line = (style: Style, text: string) => paint(style, `  ${visible(text)}`);
  const place = visible(locationText(outcome.place.location));
  // What failed was not written: its counts are in the summary.
  const isFailed = outcome.status === 'failed';
  const { added, removed, changed } = isFailed ? NONE : difference;
  const withheld = isFailed ? [] : outcome.withheld;
  return [
    `${paint('bold', visible(outcome.job.name))}  ${place}`,
    ...added.map((target) => line('green', `+ ${targetText(target)}`) + paint('dim', from(target))),
    ...removed.map((target) => line('red', `- ${targetText(target)}`)),
    ...changed.map(
      ({ before, after }) =>
        line('yellow', `~ ${changeText(before, after)}`) + paint('dim', from(after)),
    ),
    ...withheld.map((target) =>
      line('yellow', `! ${targetText(target)} is kept: ${fault?.code} refuses its removal`),
    ),
    ...kept.map(({ target, until }) =>
      line('yellow', `! ${targetText(target)} ${keptText(until)}`),
    ),
    ...skipped.map(({ record, type, code, reason }) =>
      line('dim', `! ${record} ${type} skipped: ${code}, ${reason}`),
    ),
    ...warnings.map(({ code, message }) => line('yellow', `! ${code}: ${message}`)),
    `  ${summary(outcome)}`,
  ];
}

/** `is kept until 2026-11-26T14:03:01Z (14m20s left): its name is gone` */
function keptText(until: number): string {
  const left = Math.ceil(Math.max(0, until - Date.now()) / 1000) * 1000;
  return `is kept until ${timeText(until)} (${durationText(left)} left): its name is gone`;
}

const NONE: Outcome['difference'] = { added: [], removed: [], changed: [] };

function summary(outcome: Outcome): string {
  const { status, records, targets, skipped, fault, forced, conflicts } = outcome;
  const reached = reachText(outcome);
  if (status === 'failed' && targets.length === 0) return `failed: ${fault?.code}`;
  if (status === 'paused' && targets.length === 0) return `paused: ${PAUSED}`;
  const sizes = `${count(records, 'record set')}, ${count(targets.length, 'target')}, ${skipped.length} skipped`;
  const again = conflicts > 0 ? `, ${count(conflicts, 'conflict')}` : '';
  return `${forced ? `${status} (forced)` : status}: ${changes(outcome)}; ${sizes}${again}${reached}`;
}

/** `; 2 pods nudged, loaded after 0.4 s` */
function reachText({ nudged, loadedAfterMs }: Outcome): string {
  const texts = [
    ...(nudged === undefined ? [] : [`${count(nudged, 'pod')} nudged`]),
    ...(loadedAfterMs === undefined ? [] : [`loaded after ${(loadedAfterMs / 1000).toFixed(1)} s`]),
  ];
  return texts.length > 0 ? `; ${texts.join(', ')}` : '';
}

/** What was written, or why it was not. */
function changes({ status, difference, withheld, kept, pending, fault }: Outcome): string {
  const { added, removed, changed } = difference;
  const done = `${added.length} added, ${removed.length} removed, ${changed.length} changed`;
  const open = `${added.length} to add, ${removed.length} to remove, ${changed.length} to change`;
  if (status === 'failed') {
    const what =
      fault?.code === 'write-unknown' ? 'unknown whether it was written' : 'nothing was written';
    return pending ? `${what}; ${open}` : what;
  }
  if (status === 'paused') return `${PAUSED}${pending ? `; ${open}` : ''}`;
  const parts = [
    done,
    ...(withheld.length > 0 ? [`${count(withheld.length, 'removal')} withheld`] : []),
    ...(kept.length > 0 ? [`${kept.length} kept`] : []),
  ];
  return parts.join(', ');
}

const PAUSED =
  'the object is annotated route53-federation-sync/paused; remove that to resume (--force does not override it); nothing was written';

/** `prometheus1.example.com.  clusterID=cluster1` */
export function targetText({ address, labels }: Target): string {
  const text = labelsText(labels);
  return text ? `${address}  ${text}` : address;
}

function changeText(before: Target, after: Target): string {
  const address =
    before.address === after.address ? after.address : `${before.address} -> ${after.address}`;
  const [was, is] = [labelsText(before.labels), labelsText(after.labels)];
  return was === is
    ? `${address}  ${is}`
    : `${address}  ${was || 'no labels'} -> ${is || 'no labels'}`;
}

function from({ origins }: WantedTarget): string {
  const [first] = origins;
  return first ? `  (${originText(first)})` : '';
}

/** The zone and rule a target came from: `Z0821 CNAME, from[0]`. */
export function originText(origin: Origin): string {
  if (origin.kind === 'also') return 'also';
  const { source, record, from: index } = origin;
  const where = 'zone' in source ? source.zone : basename(source.records);
  return `${where} ${record.type}, from[${index}]`;
}

/** An error as one line with code and remedy; settings faults one line each. */
export function faultLines(fault: Fault, about?: string): string[] {
  const prefix = about === undefined ? '' : `${about}: `;
  const { code, details, remedy } = fault;
  const lines =
    code === 'settings-invalid' && details.length > 0
      ? [...details.map((detail) => `error: ${code}: ${detail}`), `error: ${code}: ${remedy}`]
      : [`error: ${prefix}${faultText(fault)}`, ...details.map((line) => `  ${line}`)];
  return lines.map(visible);
}

/** An error on stderr; with --verbose, also where it came from. */
export function printFault(invocation: Invocation, fault: Fault, about?: string): void {
  const { args, surroundings } = invocation;
  const lines = [
    ...faultLines(faultAsRun(fault, invocation), about),
    ...(args.verbose ? traceLines(fault) : []),
  ];
  surroundings.stderr.write(`${lines.join('\n')}\n`);
}

/**
 * Where an error came from, for --verbose. Of causes only name and stack frames are shown:
 * messages of AWS and Kubernetes can quote signed requests and Secrets.
 */
export function traceLines(error: unknown): string[] {
  const lines: string[] = [];
  for (let it = error; it instanceof Error && lines.length < 200; it = it.cause) {
    const frames = (it.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    const { code } = it as { code?: unknown };
    lines.push(`caused by ${it.name}${typeof code === 'string' ? ` (${code})` : ''}`, ...frames);
  }
  return lines;
}
