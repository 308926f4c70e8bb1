import type { Json } from './patches.ts';

/**
 * Kubernetes's protobuf, read only: kubectl's typed commands (`create configmap`, `auth can-i`) send it. The field numbers
 * are those of k8s.io/api's generated.proto files; answers are JSON, which every client accepts beside it.
 */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

type Shape =
  | 'string'
  | 'bytes'
  | 'bool'
  | { readonly map: 'string' | 'bytes' }
  | { readonly list: Shape }
  | { readonly message: Schema };

/** By field number. */
type Schema = Readonly<Record<number, readonly [name: string, shape: Shape]>>;

const OBJECT_META: Schema = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  11: ['labels', { map: 'string' }],
  12: ['annotations', { map: 'string' }],
};
const METADATA = ['metadata', { message: OBJECT_META }] as const;
const STRINGS: Shape = { list: 'string' };
const RULES: Shape = {
  list: {
    message: {
      1: ['verbs', STRINGS],
      2: ['apiGroups', STRINGS],
      3: ['resources', STRINGS],
      4: ['resourceNames', STRINGS],
      5: ['nonResourceURLs', STRINGS],
    },
  },
};
const SUBJECTS: Shape = {
  list: {
    message: {
      1: ['kind', 'string'],
      2: ['apiGroup', 'string'],
      3: ['name', 'string'],
      4: ['namespace', 'string'],
    },
  },
};
const ROLE_REF: Shape = {
  message: { 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] },
};
const RESOURCE_ATTRIBUTES: Shape = {
  message: {
    1: ['namespace', 'string'],
    2: ['verb', 'string'],
    3: ['group', 'string'],
    4: ['version', 'string'],
    5: ['resource', 'string'],
    6: ['subresource', 'string'],
    7: ['name', 'string'],
  },
};
const NON_RESOURCE_ATTRIBUTES: Shape = {
  message: { 1: ['path', 'string'], 2: ['verb', 'string'] },
};
const BINDING: Schema = { 1: METADATA, 2: ['subjects', SUBJECTS], 3: ['roleRef', ROLE_REF] };
const ROLE: Schema = { 1: METADATA, 2: ['rules', RULES] };

const SCHEMAS: Record<string, Schema> = {
  ConfigMap: {
    1: METADATA,
    2: ['data', { map: 'string' }],
    3: ['binaryData', { map: 'bytes' }],
    4: ['immutable', 'bool'],
  },
  Secret: {
    1: METADATA,
    2: ['data', { map: 'bytes' }],
    3: ['type', 'string'],
    4: ['stringData', { map: 'string' }],
    5: ['immutable', 'bool'],
  },
  Namespace: { 1: METADATA },
  ServiceAccount: { 1: METADATA },
  Role: ROLE,
  ClusterRole: ROLE,
  RoleBinding: BINDING,
  ClusterRoleBinding: BINDING,
  SelfSubjectReview: { 1: METADATA },
  SelfSubjectAccessReview: {
    1: METADATA,
    2: [
      'spec',
      {
        message: {
          1: ['resourceAttributes', RESOURCE_ATTRIBUTES],
          2: ['nonResourceAttributes', NON_RESOURCE_ATTRIBUTES],
        },
      },
    ],
  },
  SelfSubjectRulesReview: {
    1: METADATA,
    2: ['spec', { message: { 1: ['namespace', 'string'] } }],
  },
};

/** The object as JSON. Throws on a kind that has no schema here. */
export function readProtobuf(body: Buffer): Json {
  if (body.subarray(0, 4).toString('latin1') !== 'k8s\0')
    throw new Error('no protobuf of Kubernetes');
  const { type = {}, raw = '' } = readMessage(body.subarray(4), {
    1: ['type', { message: { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] } }],
    2: ['raw', 'bytes'],
  }) as { type?: { apiVersion?: string; kind?: string }; raw?: string };
  const schema = SCHEMAS[type.kind ?? ''];
  if (!schema) throw new Error(`the emulator cannot read ${type.kind} in protobuf`);
  return { ...type, ...readMessage(Buffer.from(raw, 'base64'), schema) };
}

function readMessage(bytes: Buffer, schema: Schema): Record<string, Json> {
  const result: Record<string, Json> = {};
  for (const { number, value } of fields(bytes)) {
    const [name, shape] = schema[number] ?? [];
    if (name === undefined || shape === undefined) continue;
    if (typeof shape === 'object' && 'list' in shape) {
      result[name] = [...((result[name] ?? []) as Json[]), readValue(value, shape.list)];
    } else if (typeof shape === 'object' && 'map' in shape) {
      const entry = readMessage(value as Buffer, { 1: ['key', 'string'], 2: ['value', shape.map] });
      const map = { ...(result[name] as Record<string, Json> | undefined) };
      map[String(entry.key ?? '')] = entry.value ?? '';
      result[name] = map;
    } else {
      const read = readValue(value, shape);
      // Go's encoder writes empty strings too; in JSON they are left out.
      if (read !== '') result[name] = read;
    }
  }
  return result;
}

function readValue(value: Buffer | number, shape: Shape): Json {
  if (shape === 'bool') return value === 1;
  if (shape === 'bytes') return (value as Buffer).toString('base64');
  if (typeof shape === 'object' && 'message' in shape) {
    return readMessage(value as Buffer, shape.message);
  }
  return value.toString();
}

function* fields(bytes: Buffer): Generator<{ number: number; value: Buffer | number }> {
  let at = 0;
  const varint = () => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('protobuf ends early');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const [number, wire] = [key >>> 3, key & 7];
    if (wire === 0) yield { number, value: varint() };
    else if (wire === 2) {
      const length = varint();
      yield { number, value: bytes.subarray(at, at + length) };
      at += length;
    } else throw new Error(`protobuf wire type ${wire} is not known`);
  }
}
