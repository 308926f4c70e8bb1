import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every page of the repository. */
export const pages: readonly Page[] = [
  'README.md',
  ...['infra', '.github', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => `${folder}/${path}`)
      .sort(),
  ),
].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** @throws Error if there is no such page */
export function pageAt(path: string): Page {
  const page = pages.find((one) => one.path === path);
  if (page === undefined) throw new Error(`there is no page ${path}`);
  return page;
}

/** Without the blocks between ``` and ```, whose lines stay as empty ones. */
export const withoutFences = (text: string): string =>
  text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, (block) => block.replaceAll(/.+/g, ''));

/** What is between backticks in a line of prose. */
export const codeOf = (text: string): string[] =>
  [...withoutFences(text).matchAll(/(?<!`)`([^`\n]+)`/g)].map(([, code = '']) => code);

export interface Command {
  readonly text: string;
  readonly page: string;
  readonly inSentence: boolean;
}

const PROGRAMS =
  /^(?:\w+=\S+ )*(?:npm|npx|node|aws|kubectl|helm|docker|promtool|gh|sed|cp|federation-sync) /;

/** Every command of a page: the lines of indented blocks, and code in a sentence that begins with a program. */
export function commandsOf({ path, text }: Page): Command[] {
  const prose = withoutFences(text);
  const blocks = prose.match(/^ {4,}\S.*(?:(?<=\\)\n.*)*/gm) ?? [];
  const command = (code: string, inSentence: boolean) => ({ text: code, page: path, inSentence });
  return [
    // A comment after two spaces is not part of the command.
    ...blocks.map((block) => command(block.trim().replace(/ {2,}# .*$/, ''), false)),
    ...codeOf(text).map((code) => command(code, true)),
  ].filter((one) => PROGRAMS.test(one.text));
}

/** Without those in a sentence that mention another command by its first words. */
export const withoutMentions = (commands: readonly Command[]): Command[] =>
  commands.filter(
    (one) =>
      !one.inSentence ||
      !commands.some((other) => other.text !== one.text && other.text.includes(one.text)),
  );
