/** A template's text without its first line break and without the indentation of its first line. */
export function dedent(strings: TemplateStringsArray): string {
  const text = String.raw(strings).replace(/^\n/, '');
  const indent = /^ */.exec(text)?.[0] ?? '';
  return text
    .split('\n')
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
    .join('\n');
}
