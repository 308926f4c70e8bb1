import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ResourceType } from './resources.ts';
import { type Cause, invalid } from './status.ts';

const MAX_DATA_BYTES = 1024 * 1024;
const MAX_ANNOTATIONS_BYTES = 256 * 1024;
const CONFIG_KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const IMMUTABLE = 'field is immutable when `immutable` is set';

type Bytes = Record<string, string>;

/** Throws 422 Invalid with every fault, in kube-apiserver's words. `before` is undefined for a creation. */
export function validate(type: ResourceType, before: KubeObject | undefined, after: KubeObject) {
  const causes = [...metadataFaults(before, after)];
  if (type.kind === 'ConfigMap') {
    if (before) causes.push(...immutableFaults(before, after, ['data', 'binaryData']));
    causes.push(...configMapFaults(after));
  }
  if (type.kind === 'Secret') {
    if (before) {
      causes.push(...fixed('type', before.type, after.type));
      causes.push(...immutableFaults(before, after, ['data']));
    }
    causes.push(...secretFaults(after));
  }
  if (causes.length > 0) {
    throw invalid(type.kind, after.metadata.name ?? '', causes, type.group);
  }
}

function metadataFaults(before: KubeObject | undefined, after: KubeObject): Cause[] {
  const { name = '', generateName, annotations = {}, labels = {}, uid } = after.metadata;
  const causes: Cause[] = [];
  if (name === '' && generateName === undefined) {
    causes.push({
      reason: 'FieldValueRequired',
      message: 'Required value: name or generateName is required',
      field: 'metadata.name',
    });
  } else if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)) {
    causes.push(bad('metadata.name', name, SUBDOMAIN));
  }
  if (before) causes.push(...fixed('metadata.uid', before.metadata.uid, uid));
  for (const key of Object.keys(labels)) {
    if (!isQualifiedName(key)) causes.push(bad('metadata.labels', key, QUALIFIED));
    const value = labels[key] ?? '';
    if (!/^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/.test(value)) {
      causes.push(bad('metadata.labels', value, LABEL_VALUE));
    }
  }
  for (const key of Object.keys(annotations)) {
    if (!isQualifiedName(key.toLowerCase())) {
      causes.push(bad('metadata.annotations', key, QUALIFIED));
    }
  }
  if (size(Object.entries(annotations).flat()) > MAX_ANNOTATIONS_BYTES) {
    causes.push(tooLong('metadata.annotations', MAX_ANNOTATIONS_BYTES));
  }
  return causes;
}

function isQualifiedName(key: string): boolean {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  const prefix = parts.pop();
  return (
    parts.length === 0 &&
    (prefix === undefined || /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(prefix)) &&
    /^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/.test(name)
  );
}

/** Only values count towards the limit, not keys. */
function configMapFaults({ data, binaryData }: KubeObject): Cause[] {
  const [text, binary] = [(data ?? {}) as Bytes, (binaryData ?? {}) as Bytes];
  const causes = [...keyFaults('data', text)];
  for (const key of Object.keys(text)) {
    if (Object.hasOwn(binary, key)) {
      causes.push(bad(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
  }
  causes.push(...keyFaults('binaryData', binary));
  if (size(Object.values(text)) + decodedSize(binary) > MAX_DATA_BYTES) {
    causes.push(tooLong('[]', MAX_DATA_BYTES));
  }
  return causes;
}

function secretFaults(secret: KubeObject): Cause[] {
  const data = (secret.data ?? {}) as Bytes;
  const causes = keyFaults('data', data);
  if (decodedSize(data) > MAX_DATA_BYTES) causes.push(tooLong('data', MAX_DATA_BYTES));
  return causes;
}

function keyFaults(field: string, data: Bytes): Cause[] {
  return Object.keys(data).flatMap((key) =>
    /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== '.' && key !== '..'
      ? []
      : [bad(`${field}[${key}]`, key, CONFIG_KEY)],
  );
}

function immutableFaults(
  before: KubeObject,
  after: KubeObject,
  fields: readonly string[],
): Cause[] {
  if (before.immutable !== true) return [];
  const changed = fields.filter((field) => !isDeepStrictEqual(before[field], after[field]));
  return [...(after.immutable === true ? [] : ['immutable']), ...changed].map((field) => ({
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${IMMUTABLE}`,
    field,
  }));
}

function fixed(field: string, before: unknown, after: unknown): Cause[] {
  return before === after ? [] : [bad(field, String(after), 'field is immutable')];
}

function bad(field: string, value: string, why: string): Cause {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  return { reason: 'FieldValueInvalid', message, field };
}

function tooLong(field: string, limit: number): Cause {
  const message = `Too long: may not be more than ${limit} bytes`;
  return { reason: 'FieldValueTooLong', message, field };
}

function size(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function decodedSize(data: Bytes): number {
  return Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text, 'base64'), 0);
}
