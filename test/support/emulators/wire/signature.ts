import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from './server.ts';

/** Who signed a request, and for what: read from the Authorization header, or from a presigned URL. */
export interface Signature {
  readonly accessKeyId: string;
  /** `20261123/eu-west-1/sts/aws4_request` */
  readonly scope: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** As sent: `20261123T040506Z`. */
  readonly date: string;
  readonly sessionToken?: string;
  readonly presigned: boolean;
}

/** undefined: the request is not signed. */
export function readSignature(
  request: Pick<WireRequest, 'headers' | 'query'>,
): Signature | undefined {
  const header = request.headers.authorization;
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=(\w+)$/.exec(
      header ?? '',
    );
  const { query } = request;
  const credential = match?.[1] ?? query.get('X-Amz-Credential');
  if (!credential) return undefined;
  const [accessKeyId = '', ...scope] = credential.split('/');
  const sessionToken = match
    ? one(request.headers['x-amz-security-token'])
    : (query.get('X-Amz-Security-Token') ?? undefined);
  return {
    accessKeyId,
    scope: scope.join('/'),
    region: scope[1] ?? '',
    service: scope[2] ?? '',
    signedHeaders: (match?.[2] ?? query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: match?.[3] ?? query.get('X-Amz-Signature') ?? '',
    date: (match ? one(request.headers['x-amz-date']) : query.get('X-Amz-Date')) ?? '',
    ...(sessionToken === undefined ? {} : { sessionToken }),
    presigned: !match,
  };
}

/** `20261123T040506Z` as a time; NaN for anything else. */
export function amzDate(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.slice(1);
  return parts
    ? Date.parse(`${parts.slice(0, 3).join('-')}T${parts.slice(3).join(':')}Z`)
    : Number.NaN;
}

/**
 * Does the signature fit the request? The algorithm is AWS's "Create a signed AWS API request"; the path is encoded
 * once more than it was sent, as for every service but S3.
 */
export function fits(
  signature: Signature,
  request: Pick<WireRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>,
  secretAccessKey: string,
): boolean {
  const path = request.path
    .split('/')
    .map((segment) => encode(segment))
    .join('/');
  const query = [...request.query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map((pair) => pair.join('='))
    .join('&');
  const headers = signature.signedHeaders
    .map((name) => `${name}:${(one(request.headers[name]) ?? '').trim().replace(/\s+/g, ' ')}\n`)
    .join('');
  const payload = one(request.headers['x-amz-content-sha256']) ?? sha256(request.body);
  const canonical = [
    request.method,
    path,
    query,
    headers,
    signature.signedHeaders.join(';'),
    payload,
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', signature.date, signature.scope, sha256(canonical)].join(
    '\n',
  );
  const key = signature.scope
    .split('/')
    .reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const expected = hmac(key, toSign);
  const given = Buffer.from(signature.signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
