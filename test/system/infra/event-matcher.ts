/**
 * EventBridge's matching, as far as this project's patterns go: equal values, `exists`, `prefix`, `$or`.
 * moto's EventBridge, which nobody here wrote, is asked the same questions in deploy.real.test.ts.
 */
export function matches(pattern: object, event: unknown): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or') return wanted.some((one: object) => matches(one, event));
    const value = (event as Record<string, unknown> | null | undefined)?.[key];
    return Array.isArray(wanted) ? wanted.some((one) => leaf(one, value)) : matches(wanted, value);
  });
}

function leaf(wanted: unknown, value: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === value;
  if ('exists' in wanted) return wanted.exists === (value !== undefined);
  if ('prefix' in wanted)
    return typeof value === 'string' && value.startsWith(wanted.prefix as string);
  throw new Error(`The matcher does not know ${JSON.stringify(wanted)}.`);
}
