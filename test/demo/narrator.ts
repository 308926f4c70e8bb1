import { stripVTControlCharacters, styleText } from 'node:util';
import type { JobReport } from '../../src/report.ts';
import { changedLines } from './changed-lines.ts';

type Style = Parameters<typeof styleText>[0];

/** Columns of the terminal that the story is written for. */
const WIDTH = 100;

/** Changed lines that are shown; of more, only how many there are. */
const MOST_LINES = 6;

/** Prints the story: titles, what others do (`>`), what the demo runs (`$`), what changed, and how long it took. */
export class Narrator {
  readonly #print: (line: string) => void;
  #scene = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  say(text = '', style?: Style, indent = ''): void {
    for (const line of wrapped(text, WIDTH - indent.length)) {
      this.#print(style && line ? `${indent}${styleText(style, line)}` : `${indent}${line}`);
    }
  }

  scene(title: string): void {
    this.#scene += 1;
    this.say();
    this.say(`${this.#scene}. ${title}`, 'bold');
  }

  /** What somebody else does. */
  happens(text: string): void {
    this.say(`> ${text}`, 'cyan', '   ');
  }

  command(text: string): void {
    this.say(`$ ${text}`, 'cyan', '   ');
  }

  /** Printed by the command, with its `+`, `-` and `!` in colour. */
  output(lines: readonly string[]): void {
    for (const line of lines) {
      this.say(line, line.startsWith('error') ? 'yellow' : styleOf(line.trimStart()[0]), '   ');
    }
  }

  /** What changed in the text of the ConfigMap. */
  changed(before: string, after: string): void {
    const lines = changedLines(before, after);
    for (const line of lines.slice(0, MOST_LINES)) this.say(line, styleOf(line[0]), '     ');
    const more = lines.length - MOST_LINES;
    if (more > 0) this.say(`… and ${more} more changed lines`, 'dim', '     ');
  }

  /** @param name where several jobs are reported */
  job(report: JobReport, seconds: string, name?: string): void {
    const { status, added, removed, kept, withheld, error, loadedAfterMs } = report;
    const counts = [
      `${added.length} added`,
      `${removed.length} removed`,
      ...(kept.length > 0 ? [`${kept.length} kept`] : []),
      ...(withheld.length > 0 ? [`${withheld.length} removals withheld`] : []),
    ].join(', ');
    const loaded = loadedAfterMs === undefined ? '' : ', and Prometheus has loaded it';
    const about = name === undefined ? '' : `${name} `;
    this.say(`${about}${status}: ${counts}${loaded} (${seconds})`, undefined, '   ');
    if (error) {
      this.say(`${error.code}: ${error.message}`, 'yellow', '     ');
      this.say(error.remedy, 'yellow', '     ');
    }
  }
}

const styleOf = (sign: string | undefined): Style | undefined =>
  ({ '+': 'green', '-': 'red', '!': 'yellow' })[sign ?? ''] as Style | undefined;

/** Lines of at most that many columns, broken at spaces; what is indented stays so. */
function wrapped(text: string, width: number): string[] {
  const [indent = ''] = /^ */.exec(text) ?? [];
  const lines: string[] = [];
  let line = '';
  for (const word of text.slice(indent.length).split(' ')) {
    const longer = line === '' ? `${indent}${word}` : `${line} ${word}`;
    if (stripVTControlCharacters(longer).length > width && line !== '') {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
