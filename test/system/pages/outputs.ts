import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

/** A symptom's output on a page: `<!-- output: NAME -->` … `<!-- /output -->`. */
const OUTPUT = /^<!-- output: (.+) -->\n[\s\S]*?^<!-- \/output -->$/gm;

/** The names of a page's outputs, in its order. */
export const outputsOf = (page: string): string[] =>
  [...page.matchAll(OUTPUT)].map(([, name = '']) => name);

/** The page with what was printed in these outputs; the others are left as they are. */
export function withOutputs(path: string, printed: ReadonlyMap<string, string>): string {
  return readFileSync(join(root, path), 'utf8').replaceAll(OUTPUT, (whole, name: string) => {
    const text = printed.get(name);
    return text === undefined
      ? whole
      : `<!-- output: ${name} -->\n\`\`\`console\n${text}\n\`\`\`\n<!-- /output -->`;
  });
}

/** Columns of the terminal on the pages: GitHub shows about 110 characters of code without scrolling. */
const WIDTH = 100;

/** A command and what it printed, as a terminal shows it that breaks long lines at spaces. */
export function session(command: string, { stdout, stderr }: { stdout: string; stderr: string }) {
  return `$ federation-sync ${command}\n${stdout}${stderr}`
    .trimEnd()
    .split('\n')
    .flatMap(broken)
    .join('\n');
}

/** The further lines begin below the last column of the first, or are indented by two more. */
function broken(line: string): string[] {
  const [columns = ''] = /^(?:.{0,46}\S)? {2,}(?=\S)/.exec(line) ?? [];
  const indent = columns.trim() === '' ? columns.length + 2 : columns.length;
  const lines: string[] = [];
  let rest = line;
  while (rest.length > WIDTH) {
    const at = rest.lastIndexOf(' ', WIDTH);
    if (rest.slice(0, at).trim() === '') break;
    lines.push(rest.slice(0, at));
    rest = ' '.repeat(indent) + rest.slice(at + 1);
  }
  return [...lines, rest];
}
