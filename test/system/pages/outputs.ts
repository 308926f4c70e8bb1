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

/** A command and what it printed, as a terminal shows it. */
export function session(command: string, { stdout, stderr }: { stdout: string; stderr: string }) {
  return `$ federation-sync ${command}\n${stdout}${stderr}`.trimEnd();
}
