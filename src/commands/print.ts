import { basename } from 'node:path';
import { styleText } from 'node:util';
import { type Fault, faultText } from '../fault.ts';
import { locationText } from '../location.ts';
import type { Outcome } from '../report.ts';
import type { Target } from '../target.ts';
import type { Origin, WantedTarget } from '../targets/targets.ts';
import type { Invocation, Terminal } from './command.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours text where `stream` is a terminal and NO_COLOR is not set. */
export function painter(stream: Terminal, env: Readonly<Record<string, string | undefined>>) {
  const colours = stream.isTTY === true && !env.NO_COLOR;
  return (style: Style, text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
}

export type Paint = ReturnType<typeof painter>;

/** A list's additions, removals and changes, and its status; nothing of the document around it. */
export function outcomeLines(outcome: Outcome, paint: Paint): string[] {
  const { difference, skipped, warnings } = outcome;
  const line = (style: Style, text: string) => paint(style, `  ${visible(text)}`);
  return [
    `${paint('bold', visible(outcome.job.name))}  ${visible(locationText(outcome.place.location))}`,
    ...difference.added.map(
      (target) => line('green', `+ ${targetText(target)}`) + paint('dim', from(target)),
    ),
    ...difference.removed.map((target) => line('red', `- ${targetText(target)}`)),
    ...difference.changed.map(
      ({ before, after }) =>
        line('yellow', `~ ${changeText(before, after)}`) + paint('dim', from(after)),
    ),
    ...skipped.map(({ record, type, code, reason }) =>
      line('dim', `! ${record} ${type} skipped: ${code}, ${reason}`),
    ),
    ...warnings.map(({ code, message }) => line('yellow', `! ${code}: ${message}`)),
    `  ${summary(outcome)}`,
  ];
}

/** Escapes text from outside, so that it cannot break a line or control the terminal. */
export function visible(text: string): string {
  const code = (character: string) => character.codePointAt(0)?.toString(16).padStart(4, '0');
  // Control characters, and those that change the writing direction or are invisible.
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u${code(character)}`);
}

function summary(outcome: Outcome): string {
  const { status, difference, records, targets, skipped, fault, forced } = outcome;
  const name = forced ? `${status} (forced)` : status;
  if (status === 'paused')
    return 'paused: the object is annotated route53-federation-sync/paused: "true"';
  if (status === 'failed' && targets.length === 0) return `failed: ${fault?.code}`;
  const counts = [
    `${difference.added.length} added`,
    `${difference.removed.length} removed`,
    `${difference.changed.length} changed`,
  ].join(', ');
  return `${name}: ${counts}; ${records} record sets, ${targets.length} targets, ${skipped.length} skipped`;
}

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

/** `clusterID=cluster1 env=prod` */
export function labelsText(labels: Target['labels']): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
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
  if (code === 'settings-invalid' && details.length > 0) {
    return [...details.map((detail) => `error: ${code}: ${detail}`), `error: ${code}: ${remedy}`];
  }
  return [`error: ${prefix}${faultText(fault)}`, ...details.map((line) => `  ${line}`)];
}

/** An error on stderr; with --verbose, also where it came from. */
export function printFault({ args, surroundings }: Invocation, fault: Fault, about?: string): void {
  const lines = [...faultLines(fault, about), ...(args.verbose ? traceLines(fault) : [])];
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
