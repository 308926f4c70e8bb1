/** The values that a template may use, for one record set. */
export type Values = Readonly<Record<string, string | undefined>>;

/** The names that every template may use, in addition to the named groups of the pattern. */
export const standardNames = ['name', 'host', 'label', 'zone'] as const;

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** The names in braces in a template: `{label}:{port}` -> label, port. */
export function namesIn(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
}

/** Templates are few, and filled for every record set: text and names alternate, as split returns them. */
const parsed = new Map<string, readonly string[]>();

function partsOf(template: string): readonly string[] {
  const parts = parsed.get(template) ?? template.split(PLACEHOLDER);
  parsed.set(template, parts);
  return parts;
}

/**
 * The template filled in, or the name of the first unset value. A value takes precedence over a group of the
 * same name. Unknown names cannot occur: the settings would have been refused.
 */
export function fill(
  template: string,
  values: Values,
  groups: Values = {},
): { text: string } | { unset: string } {
  const parts = partsOf(template);
  let text = parts[0] as string;
  for (let i = 1; i < parts.length; i += 2) {
    const name = parts[i] as string;
    // A group may be called `constructor`.
    const source = Object.hasOwn(values, name) ? values : groups;
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    if (value === undefined) return { unset: name };
    text += value + parts[i + 1];
  }
  return { text };
}

/** The named groups of a pattern. With an empty alternative the expression always matches. */
export function groupsOf(pattern: string): string[] {
  return Object.keys(new RegExp(`${pattern}|`).exec('')?.groups ?? {});
}
