/** What a page takes from the source, by name: `<!-- generated: NAME -->` … `<!-- /generated -->`. */
export type Sections = Readonly<Record<string, () => string>>;

const SECTION = /^<!-- generated: ([\w ,-]+) -->\n[\s\S]*?^<!-- \/generated -->$/gm;

/**
 * The page with its generated sections written again; the rest is left as it is.
 *
 * @throws Error of a section that nothing generates
 */
export function withSections(page: string, sections: Sections): string {
  return page.replaceAll(SECTION, (_, name: string) => {
    const section = sections[name];
    if (section === undefined) throw new Error(`nothing generates the section ${name}`);
    return `<!-- generated: ${name} -->\n${section().trim()}\n<!-- /generated -->`;
  });
}

/** The names of a page's generated sections. */
export const sectionsOf = (page: string): string[] =>
  [...page.matchAll(SECTION)].map(([, name = '']) => name);

/** A table in Markdown; a `|` inside a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll('|  |', '| |');
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
