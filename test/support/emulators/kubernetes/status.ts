import { randomUUID } from 'node:crypto';
import type { WireResponse } from '../wire/server.ts';
import type { ResourceType } from './resources.ts';

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** A metav1.Status that ends a request. Texts and codes are those of kube-apiserver 1.37. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string | undefined;
  readonly details: Details | undefined;

  constructor(code: number, reason: string | undefined, message: string, details?: Details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

const groupOf = (type: ResourceType) => (type.group === '' ? {} : { group: type.group });
const qualified = (type: ResourceType) =>
  type.group === '' ? type.name : `${type.name}.${type.group}`;

export function notFound(type: ResourceType, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(type)} "${name}" not found`, {
    name,
    ...groupOf(type),
    kind: type.name,
  });
}

export function noSuchPath(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(type: ResourceType, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${qualified(type)} "${name}" already exists`, {
    name,
    ...groupOf(type),
    kind: type.name,
  });
}

export function conflict(type: ResourceType, name: string): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(type)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    { name, ...groupOf(type), kind: type.name },
  );
}

/** Each fault's message is a cause; several are listed in brackets. */
export function invalid(
  kind: string,
  name: string,
  causes: readonly Cause[],
  group = '',
): ApiError {
  const lines = causes.map(({ field, message }) => `${field}: ${message}`);
  const said = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  const qualifiedKind = group === '' ? kind : `${kind}.${group}`;
  return new ApiError(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${said}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
    causes,
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** What kube-apiserver says with a status when a test names nothing else. */
export function defaultRefusal(code: number): ApiError {
  const known: Record<number, ApiError> = {
    400: badRequest('the request was not understood'),
    401: unauthorized(),
    403: new ApiError(403, 'Forbidden', 'forbidden: not allowed', {}),
    404: noSuchPath(),
    409: new ApiError(
      409,
      'Conflict',
      'Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again',
      {},
    ),
    413: new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: limit is ${MAX_BODY_BYTES}`,
    ),
    422: new ApiError(
      422,
      'Invalid',
      'the server rejected our request due to an error in our request',
      {},
    ),
    429: new ApiError(429, 'TooManyRequests', 'Too many requests, please try again later.', {
      retryAfterSeconds: 1,
    }),
    500: new ApiError(
      500,
      'InternalError',
      'Internal error occurred: etcdserver: request timed out',
    ),
    503: new ApiError(
      503,
      'ServiceUnavailable',
      'the server is currently unable to handle the request',
    ),
    504: new ApiError(
      504,
      'Timeout',
      'Timeout: request did not complete within requested timeout - context deadline exceeded',
      {},
    ),
  };
  return known[code] ?? new ApiError(code, 'Unknown', `unknown (${code})`);
}

export function statusResponse(error: ApiError): WireResponse {
  const { code, reason, message, details } = error;
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
  const wait = details?.retryAfterSeconds;
  return json(code, body, wait === undefined ? {} : { 'retry-after': String(wait) });
}

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): WireResponse {
  return {
    status,
    headers: {
      'audit-id': randomUUID(),
      'cache-control': 'no-cache, private',
      'content-type': 'application/json',
      ...headers,
    },
    body: `${JSON.stringify(body)}\n`,
  };
}
