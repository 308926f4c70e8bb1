/** The values that a template may name, for one record set. */
export type Values = Readonly<Record<string, string | undefined>>;

/** What every template may name besides the named groups of the pattern. */
export const standardNames = ['name', 'host', 'label', 'zone'] as const;

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** The names in braces in a template: `{label}:{port}` -> label, port. */
export function namesIn(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
}

/**
 * The template with its values, or the name of the first one that is unset.
 * Unknown names cannot occur here: the settings were refused for them.
 */
export function fill(template: string, values: Values): { text: string } | { unset: string } {
  // A group may be called `constructor`.
  const given = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);
  const unset = namesIn(template).find((name) => given(name) === undefined);
  if (unset !== undefined) return { unset };
  return { text: template.replace(PLACEHOLDER, (_, name: string) => given(name) ?? '') };
}

/** The named groups of a pattern, asked of the expression itself: with an empty alternative it always matches. */
export function groupsOf(pattern: string): string[] {
  return Object.keys(new RegExp(`${pattern}|`).exec('')?.groups ?? {});
}
