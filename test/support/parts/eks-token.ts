import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Verifies an EKS token as aws-iam-authenticator's pkg/token does, and in STS's place the signature:
 * with the secret of a known access key. Written on node:crypto alone, so that it shares no code with
 * what signs the tokens under test.
 */

export interface KnownCredentials {
  secretAccessKey: string;
  sessionToken?: string;
  /** Whom the cluster takes them for: an access entry's Kubernetes name and groups. */
  username: string;
  groups: string[];
}

export interface TokenRules {
  /** What the signed header x-k8s-aws-id must have said. */
  clusterName: string;
  /** By access key id. */
  credentials: Record<string, KnownCredentials>;
  /** Default: every Region's host in AWS's public partition, and the global one. */
  hosts?: (host: string) => boolean;
  /** Default: the present. */
  now?: () => Date;
}

export interface Verdict {
  identity?: { username: string; groups: string[] };
  error?: string;
  /** As far as the token could be read. */
  accessKeyId: string;
  host: string;
}

const prefix = 'k8s-aws-v1.';
const clusterHeader = 'x-k8s-aws-id';
const maximumLength = 4096;
const maximumAgeMs = 15 * 60_000;
/** STS refuses a request from further in the future than this. */
const clockSkewMs = 5 * 60_000;

const parameters = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
  'x-amz-user-agent',
]);

const stsHost = (host: string) =>
  /^sts(\.[a-z]{2}(-[a-z]+)+-\d)?\.amazonaws\.com(\.cn)?$/.test(host);

/** Why a token is refused; caught below, so that the checks can be read from top to bottom. */
class Refusal extends Error {}

function refuse(why: string): never {
  throw new Refusal(why);
}

export function verifyToken(token: string, rules: TokenRules): Verdict {
  const verdict: Verdict = { accessKeyId: '', host: '' };
  try {
    const url = decode(token);
    verdict.host = url.host;
    const query = readQuery(url, rules);
    const [accessKeyId = '', ...scope] = (query.get('x-amz-credential') ?? '').split('/');
    verdict.accessKeyId = accessKeyId;
    const known = rules.credentials[accessKeyId];
    if (!known) refuse('error from AWS (expected 200, got 403): InvalidClientTokenId');
    verifySignature(url, query, scope, known, rules.clusterName);
    verdict.identity = { username: known.username, groups: known.groups };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    verdict.error = error.message;
  }
  return verdict;
}

function decode(token: string): URL {
  if (token.length > maximumLength) refuse('token is too large');
  if (!token.startsWith(prefix)) refuse(`token is missing expected "${prefix}" prefix`);
  const payload = token.slice(prefix.length);
  if (!/^[\w-]*$/.test(payload)) refuse('illegal base64 data: unpadded base64url is wanted');
  try {
    return new URL(Buffer.from(payload, 'base64url').toString());
  } catch {
    return refuse('the token holds no URL');
  }
}

function readQuery(url: URL, rules: TokenRules): Map<string, string> {
  if (url.protocol !== 'https:') refuse(`unexpected scheme "${url.protocol}" in pre-signed URL`);
  if (!(rules.hosts ?? stsHost)(url.host)) {
    refuse(`unexpected hostname "${url.host}" in pre-signed URL`);
  }
  if (url.pathname !== '/') refuse(`unexpected path "${url.pathname}" in pre-signed URL`);

  const query = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    const key = name.toLowerCase();
    if (!parameters.has(key)) refuse(`non-whitelisted query parameter "${name}"`);
    if (query.has(key)) refuse(`query parameter with multiple values not supported: "${name}"`);
    query.set(key, value);
  }

  if (query.get('action') !== 'GetCallerIdentity') refuse('unexpected action in pre-signed URL');
  if (!(query.get('x-amz-signedheaders') ?? '').toLowerCase().split(';').includes(clusterHeader)) {
    refuse(`client did not sign the ${clusterHeader} header in the pre-signed URL`);
  }
  const expires = query.get('x-amz-expires') ?? '';
  if (!/^\d+$/.test(expires) || Number(expires) > 900) {
    refuse(`invalid X-Amz-Expires parameter in pre-signed URL: ${expires}`);
  }
  const age = (rules.now?.() ?? new Date()).getTime() - signedAt(query.get('x-amz-date') ?? '');
  if (age > maximumAgeMs) refuse('X-Amz-Date parameter is expired (15 minute expiration)');
  if (age < -clockSkewMs)
    refuse('error from AWS (expected 200, got 403): Signature not yet current');
  return query;
}

function signedAt(date: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (!parts) return refuse(`error parsing X-Amz-Date parameter "${date}"`);
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

/** Signature version 4 of a presigned URL, by the letter of AWS's description of it. */
function verifySignature(
  url: URL,
  query: Map<string, string>,
  scope: string[],
  known: KnownCredentials,
  clusterName: string,
): void {
  const denied = 'error from AWS (expected 200, got 403)';
  if (query.get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') refuse(`${denied}: algorithm`);
  if (query.get('x-amz-security-token') !== known.sessionToken) refuse(`${denied}: session token`);
  const date = query.get('x-amz-date')!;
  const wanted = [date.slice(0, 8), regionOf(url.host) ?? scope[1], 'sts', 'aws4_request'];
  if (scope.join('/') !== wanted.join('/')) refuse(`${denied}: scoped to ${scope.join('/')}`);

  const headers: Record<string, string> = { host: url.host, [clusterHeader]: clusterName };
  const signed = query.get('x-amz-signedheaders')!;
  const canonicalHeaders = signed.split(';').map((name) => {
    const value = headers[name] ?? refuse(`${denied}: header ${name} is signed but not sent`);
    return `${name}:${value}\n`;
  });
  if (!signed.split(';').includes('host')) refuse(`${denied}: host must be signed`);
  const canonicalQuery = [...url.searchParams]
    .filter(([name]) => name.toLowerCase() !== 'x-amz-signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = ['GET', '/', canonicalQuery, canonicalHeaders.join(''), signed, sha256('')];
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical.join('\n'))];
  let key = Buffer.from(`AWS4${known.secretAccessKey}`);
  for (const part of [...scope, toSign.join('\n')]) {
    key = createHmac('sha256', key).update(part).digest();
  }
  const given = Buffer.from(query.get('x-amz-signature') ?? '', 'hex');
  if (given.length !== key.length || !timingSafeEqual(given, key)) {
    refuse(`${denied}: SignatureDoesNotMatch`);
  }
}

/** STS takes signatures for its own Region only; the global host counts as us-east-1. */
function regionOf(host: string): string | undefined {
  if (host === 'sts.amazonaws.com') return 'us-east-1';
  return /^sts\.([^.]+)\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1];
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
