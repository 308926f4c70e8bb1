/* Settings as they were written, of any shape. */

/** A fault of the settings: where, what was found, and what was expected. */
export interface SettingsFault {
  readonly path: readonly (string | number)[];
  /** undefined: missing. */
  readonly found: unknown;
  readonly expected: string;
}

export type Path = readonly (string | number)[];
export type AddFault = (path: Path, found: unknown, expected: string) => void;

export function formatOf(place: Mapping): string {
  if (place.scrapeConfig !== undefined) return 'scrape_config';
  return typeof place.format === 'string' ? place.format : 'static_configs';
}

export type Mapping = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asMap(value: unknown): Mapping {
  return isMap(value) ? value : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Where exactly one of several keys must be there: for validation, and for the JSON Schema. */
export const ONE_OF = {
  cluster: ['eks', 'kubeconfig', 'inCluster'],
  from: ['zone', 'records'],
  expect: ['eks', 'file'],
  place: ['configMap', 'secret', 'scrapeConfig', 'file'],
  server: ['url', 'service'],
  secret: ['file', 'env'],
} as const;

/** Exactly one of these keys must be there. */
export function oneOf(
  value: unknown,
  keys: readonly string[],
  path: Path,
  addFault: AddFault,
): void {
  if (!isMap(value)) return;
  const present = keys.filter((key) => value[key] !== undefined);
  if (present.length === 1) return;
  addFault(
    path,
    present.length === 0 ? undefined : present.join(' and '),
    `exactly one of: ${keys.join(', ')}`,
  );
}
