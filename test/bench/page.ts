import { readFile, writeFile } from 'node:fs/promises';

const PAGE = new URL('../../infra/reference/performance.md', import.meta.url);

/** Replaces the text between `<!-- name -->` and `<!-- /name -->` in infra/reference/performance.md. */
export async function writeSection(name: string, text: string): Promise<void> {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const before = await readFile(PAGE, 'utf8');
  const [start, end] = [before.indexOf(open), before.indexOf(close)];
  if (start < 0 || end < start)
    throw new Error(`${PAGE.pathname} has no section ${open} … ${close}`);
  const after = `${before.slice(0, start + open.length)}\n${text.trim()}\n${before.slice(end)}`;
  await writeFile(PAGE, after);
}
