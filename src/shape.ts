/*
 * Shapes of what others send, checked without a schema library: loading one takes a tenth of a packaged function's start.
 * Settings, which users write and which need every fault reported, have one (settings/schema.ts).
 */

export type Fields = Readonly<Record<string, unknown>>;

export const isText = (value: unknown): value is string => typeof value === 'string';

export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of what is not an object: none. */
export const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {});

export function isListOf<T>(
  value: unknown,
  is: (item: unknown) => item is T,
): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}

export function isRecordOf<T>(
  value: unknown,
  is: (item: unknown) => item is T,
): value is Readonly<Record<string, T>> {
  return isObject(value) && Object.values(value).every(is);
}

/** The value, where it is missing, or null, or as `is` says. */
export function isOptional<T>(
  value: unknown,
  is: (item: unknown) => item is T,
): value is T | null | undefined {
  return value === undefined || value === null || is(value);
}
