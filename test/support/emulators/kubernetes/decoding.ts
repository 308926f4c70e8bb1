import type { Json } from './patches.ts';
import type { KubeObject, ResourceType } from './resources.ts';
import { SCRAPE_CONFIG_FIELDS } from './scrape-config-fields.ts';

export interface Decoded {
  readonly object: KubeObject;
  /** Names of fields that the kind does not have. They are left out of the object. */
  readonly unknown: readonly string[];
}

/** Why JSON is not an object of its kind: the words of Go's decoder. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Shapes of the two kinds the emulator knows by field; the others are taken as they come. */
const FIELDS: Record<string, Record<string, 'text' | 'bytes' | 'flag' | 'word'>> = {
  ConfigMap: { data: 'text', binaryData: 'bytes', immutable: 'flag' },
  Secret: { data: 'bytes', stringData: 'text', immutable: 'flag', type: 'word' },
};

/** Checks types, drops what the kind does not have and what is empty, as decoding into a Go struct does. */
export function decode(type: ResourceType, json: Json): Decoded {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new DecodeError(
      `json: cannot unmarshal ${goType(json)} into Go value of type v1.${type.kind}`,
    );
  }
  const { apiVersion, kind, metadata, ...rest } = json;
  const object: KubeObject = {
    kind: type.kind,
    apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
    metadata: decodeMetadata(metadata ?? {}),
  };
  if (type.kind === 'ScrapeConfig') return decodeScrapeConfig(object, rest);
  const fields = FIELDS[type.kind];
  if (!fields) return { object: { ...object, ...rest }, unknown: [] };

  for (const [field, shape] of Object.entries(fields)) {
    const value = rest[field];
    if (value === undefined || value === null) continue;
    const decoded = decodeField(type.kind, field, shape, value);
    if (decoded !== undefined) object[field] = decoded;
  }
  if (type.kind === 'Secret') {
    // Write-only: what is in stringData goes over data.
    const { stringData, ...secret } = object;
    const given = Object.entries((stringData ?? {}) as Record<string, string>);
    const encoded = given.map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
    const data = { ...(secret.data as object), ...Object.fromEntries(encoded) };
    const merged = {
      ...secret,
      ...(Object.keys(data).length > 0 && { data }),
      type: secret.type ?? 'Opaque',
    };
    return { object: merged as KubeObject, unknown: unknownFields(rest, fields) };
  }
  return { object, unknown: unknownFields(rest, fields) };
}

/** Checked at its first two levels only: a CRD's other fields are dropped. */
function decodeScrapeConfig(object: KubeObject, { spec, ...rest }: Record<string, Json>): Decoded {
  const others = Object.keys(rest).filter((field) => field !== 'status');
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
    return { object: { ...object, ...(spec !== undefined && { spec }) }, unknown: others };
  }
  const isKnown = (field: string) => SCRAPE_CONFIG_FIELDS.has(field);
  const known = Object.entries(spec).filter(([field]) => isKnown(field));
  const unknown = Object.keys(spec).filter((field) => !isKnown(field));
  return {
    object: { ...object, spec: Object.fromEntries(known) },
    unknown: [...others, ...unknown.map((field) => `spec.${field}`)],
  };
}

function unknownFields(given: object, known: object): string[] {
  return Object.keys(given).filter((field) => !Object.hasOwn(known, field));
}

function decodeMetadata(metadata: Json): KubeObject['metadata'] {
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw wrongType(metadata, 'ObjectMeta', 'metadata', 'v1.ObjectMeta');
  }
  const result = { ...metadata } as KubeObject['metadata'];
  for (const field of ['labels', 'annotations'] as const) {
    const value = (metadata as Record<string, Json>)[field];
    if (value === undefined) continue;
    const map =
      value === null ? undefined : decodeField('ObjectMeta', `metadata.${field}`, 'text', value);
    if (map === undefined) delete result[field];
    else result[field] = map as Record<string, string>;
  }
  if (result.creationTimestamp === null) delete result.creationTimestamp;
  return result;
}

/** undefined: empty, and so left out. */
function decodeField(struct: string, field: string, shape: string, value: Json): unknown {
  if (shape === 'flag') {
    if (typeof value !== 'boolean') throw wrongType(value, struct, field, 'bool');
    return value;
  }
  if (shape === 'word') {
    if (typeof value !== 'string') throw wrongType(value, struct, field, 'string');
    return value === '' ? undefined : value;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongType(value, struct, field, `map[string]${shape === 'text' ? 'string' : '[]uint8'}`);
  }
  for (const one of Object.values(value)) {
    if (one !== null && typeof one !== 'string') {
      throw wrongType(one, struct, field, shape === 'text' ? 'string' : '[]uint8');
    }
    if (shape === 'bytes' && typeof one === 'string') checkBase64(one);
  }
  const entries = Object.entries(value).map(([key, one]) => [key, one ?? '']);
  // Go writes maps by key.
  entries.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Go takes padded standard base64, with line breaks. */
function checkBase64(text: string): void {
  const plain = text.replace(/[\r\n]/g, '');
  const bad = /[^A-Za-z0-9+/=]/.exec(plain);
  if (bad || plain.length % 4 !== 0 || /=[^=]|={3}/.test(plain)) {
    throw new DecodeError(
      `illegal base64 data at input byte ${bad?.index ?? Math.max(plain.length - (plain.length % 4), 0)}`,
    );
  }
}

function wrongType(value: Json, struct: string, field: string, wanted: string): DecodeError {
  return new DecodeError(
    `json: cannot unmarshal ${goType(value)} into Go struct field ${struct}.${field} of type ${wanted}`,
  );
}

function goType(value: Json): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value;
}
