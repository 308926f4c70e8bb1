import type { WireRequest } from '../wire/server.ts';
import { type Decoded, DecodeError, decode } from './decoding.ts';
import { type Json, patched } from './patches.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from './resources.ts';
import { ApiError, badRequest, invalid } from './status.ts';

export interface Given {
  readonly object: KubeObject;
  /** Headers of the answer: what the client should know about its fields. */
  readonly warnings: Record<string, string>;
}

function mediaType({ headers }: WireRequest): string {
  return headers['content-type']?.split(';')[0]?.trim() ?? '';
}

export function parseBody(request: WireRequest, kind: string): Json {
  const { body } = request;
  try {
    return JSON.parse(body.toString()) as Json;
  } catch {
    const text = body.toString();
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: unexpected end of JSON input (${text === '' ? '<empty>' : text.slice(0, 20)})`,
    );
  }
}

/** The object that a POST or PUT brings. */
export function objectOf(type: ResourceType, request: WireRequest): Given {
  const contentType = mediaType(request) || 'application/json';
  if (contentType !== 'application/json') {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
  }
  const given = parseBody(request, type.kind);
  const { kind = type.kind, apiVersion = apiVersionOf(type) } = (given ??
    {}) as Partial<KubeObject>;
  try {
    if (kind !== type.kind) throw new DecodeError(`no kind "${kind}" is served at this path`);
    return checked(decode(type, given), request.query);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(
      `${kind} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${type.kind}: ${error.message}`,
    );
  }
}

const PATCH_TYPES = /^application\/(merge-patch|strategic-merge-patch|json-patch)\+json$/;

/** A server-side apply. JSON is YAML; the emulator reads only that. */
export function isApply(request: WireRequest): boolean {
  return request.method === 'PATCH' && mediaType(request) === 'application/apply-patch+yaml';
}

export function checkPatchType(request: WireRequest): void {
  if (PATCH_TYPES.test(mediaType(request))) return;
  throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

/** The object after a PATCH. */
export function patchedObject(type: ResourceType, before: KubeObject, request: WireRequest): Given {
  let patch: Json;
  try {
    patch = JSON.parse(request.body.toString()) as Json;
  } catch {
    throw badRequest('invalid JSON patch');
  }
  const result = patched(mediaType(request), before as unknown as Json, patch) as Json;
  try {
    return checked(decode(type, result), request.query);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    // kube-apiserver repeats the whole object here, a Secret's contents included.
    const text = JSON.stringify(Object.fromEntries(Object.entries(result as object).sort()));
    const message = `Invalid value: ${JSON.stringify(text)}: ${error.message}`;
    throw invalid('', '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }]);
  }
}

/** ?fieldValidation=: Strict refuses unknown fields, Warn (the default) tells of them, Ignore does not. */
function checked({ object, unknown }: Decoded, query: URLSearchParams): Given {
  const faults = unknown.map((field) => `unknown field ${JSON.stringify(field)}`);
  const mode = query.get('fieldValidation') || 'Warn';
  if (faults.length === 0 || mode === 'Ignore') return { object, warnings: {} };
  if (mode === 'Strict') throw new DecodeError(`strict decoding error: ${faults.join(', ')}`);
  const warning = faults.map((fault) => `299 - ${JSON.stringify(fault)}`).join(', ');
  return { object, warnings: { warning } };
}

const OPTIONS: Record<string, string> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  PATCH: 'PatchOptions',
  DELETE: 'DeleteOptions',
};

/** Reads ?dryRun= and ?fieldManager=, or says what is wrong with them. */
export function writeOptions({ method, query, headers }: WireRequest) {
  const refused = (reason: string, message: string, field: string) =>
    invalid(OPTIONS[method] ?? 'Options', '', [{ reason, message, field }], 'meta.k8s.io');
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.some((value) => value !== 'All')) {
    const message = `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`;
    throw refused('FieldValueNotSupported', message, 'dryRun');
  }
  const given = query.get('fieldManager') ?? '';
  if (Buffer.byteLength(given) > 128) {
    const message = 'Too long: may not be more than 128 bytes';
    throw refused('FieldValueTooLong', message, 'fieldManager');
  }
  // Without a name, the part of the user agent before the slash is it.
  const agent = headers['user-agent']?.split('/')[0]?.slice(0, 128);
  return { manager: given || agent || 'unknown', dryRun: dryRun.length > 0 };
}

export function checkAccept({ headers }: WireRequest): void {
  const accept = headers.accept ?? '*/*';
  if (/application\/(json|\*)|\*\/\*/.test(accept)) return;
  throw new ApiError(
    406,
    'NotAcceptable',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    {},
  );
}

/** `a=b,c!=d,!e,f in (g, h)` over what `read` finds in the object; fields and labels alike. */
export function selects(
  selector: string | null,
  read: (key: string) => string | undefined,
): boolean {
  // Commas in brackets do not end a term.
  return (selector ?? '').split(/,(?![^(]*\))/).every((part) => {
    const term = part.trim();
    if (term === '') return true;
    if (term.startsWith('!')) return read(term.slice(1).trim()) === undefined;
    const [, name, negated, list] = /^(\S+)\s+(not)?in\s*\(([^)]*)\)$/.exec(term) ?? [];
    if (name !== undefined && list !== undefined) {
      const values = list.split(',').map((value) => value.trim());
      return values.includes(read(name) ?? '') !== (negated !== undefined);
    }
    const [, key = '', operator, value = ''] = /^([^!=]+)(!=|==?)?(.*)$/.exec(term) ?? [];
    if (operator === undefined) return read(key) !== undefined;
    return operator === '!=' ? read(key) !== value : read(key) === value;
  });
}
