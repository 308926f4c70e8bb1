import { Fault, type FaultCode } from '../fault.ts';
import { cut, shellWord } from '../wording.ts';

/** How messages name an operation, and its codes for a missing resource and for missing permission. */
export interface AwsOperation {
  /** As `list zone Z0821`, completes "could not …". */
  readonly to: string;
  readonly missing?: FaultCode;
  readonly forbidden?: FaultCode;
}

const MISSING = new Set(['NoSuchHostedZone', 'ResourceNotFoundException']);
const FORBIDDEN = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'NotAuthorized',
  'OptInRequired',
]);
const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
]);
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'PriorRequestNotComplete',
  'SlowDown',
]);
/** Node.js codes of a connection or an answer that broke. */
const BROKEN = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]);

/**
 * An error of the AWS SDK as a Fault. Its message names the operation and AWS's own error name; AWS's message is
 * added without anything that it may quote from our request: signatures, tokens.
 */
export function awsFault(error: unknown, operation: AwsOperation, signal?: AbortSignal): Fault {
  if (error instanceof Fault) return error;
  if (signal?.aborted) {
    return new Fault('deadline', `the run timed out before it could ${operation.to}`, {
      cause: error,
    });
  }
  const { name, message, code, status } = facts(error);
  const make = (fault: FaultCode, detail: string, remedy?: string) =>
    new Fault(fault, `could not ${operation.to}: ${detail}`, {
      cause: error,
      ...(remedy !== undefined && { remedy }),
    });

  if (CREDENTIALS.has(name)) return make('aws-credentials', ...credentialsText(name));
  if (MISSING.has(name))
    return make(operation.missing ?? 'aws-refused', `it does not exist (${name})`);
  if (FORBIDDEN.has(name)) {
    const detail = oneLine(message || name) + denyText(message);
    return make(operation.forbidden ?? 'aws-refused', detail);
  }
  if (THROTTLED.has(name) || status === 429)
    return make('aws-throttled', `${name}, after all retries`);
  if (BROKEN.has(code) || name === 'TimeoutError' || message === 'aborted') {
    return make('aws-unavailable', oneLine(message || code || name));
  }
  if (status >= 500) return make('aws-unavailable', `HTTP ${status} ${name}, after all retries`);
  if (status === 403 || status === 401)
    return make(operation.forbidden ?? 'aws-refused', `HTTP ${status} ${name}`);
  if (status >= 400) return make('aws-refused', `HTTP ${status} ${name}: ${oneLine(message)}`);
  return make('aws-unavailable', `the answer could not be read (${name})`);
}

function facts(error: unknown): { name: string; message: string; code: string; status: number } {
  const it = (error ?? {}) as {
    name?: string;
    message?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return {
    name: (it.name ?? 'Error').replace(/[^\w.#-]/g, '').slice(0, 80),
    message: it.message ?? '',
    code: it.code ?? '',
    status: it.$metadata?.httpStatusCode ?? it.$response?.statusCode ?? 0,
  };
}

/** An Allow does not help against an explicit deny. */
const denyText = (message: string) =>
  message.includes('explicit deny') ? ' (remove the deny: an Allow does not override it)' : '';

/** What is wrong, and its remedy if it has one of its own. AWS's own message quotes the signed request. */
function credentialsText(name: string): [detail: string, remedy?: string] {
  const { AWS_PROFILE: profile } = process.env;
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    if (!profile) return ['no usable credentials found'];
    return [
      `no usable credentials found in AWS_PROFILE ${cut(profile, 80)}`,
      `Check that aws configure list-profiles has it; for IAM Identity Center: aws sso login --profile ${shellWord(profile)}`,
    ];
  }
  if (name.startsWith('Expired') || name === 'RequestExpired') {
    return [`the credentials have expired (${name})`, RENEW];
  }
  return [`AWS did not accept the credentials (${name})`, WRONG[name]];
}

const RENEW = 'Sign in again (aws sso login), or renew AWS_SESSION_TOKEN and its keys.';
const UNKNOWN_KEY =
  'Check AWS_ACCESS_KEY_ID: the key is unknown or inactive, or its AWS_SESSION_TOKEN is missing.';
const WRONG_SECRET =
  'Check AWS_SECRET_ACCESS_KEY: it does not belong to the key id, or the clock is wrong.';
const WRONG: Record<string, string> = {
  InvalidClientTokenId: UNKNOWN_KEY,
  UnrecognizedClientException: UNKNOWN_KEY,
  SignatureDoesNotMatch: WRONG_SECRET,
  InvalidSignatureException: WRONG_SECRET,
};

/** Without anything that a service, or a proxy in front of it, may quote from our request. */
function oneLine(text: string): string {
  const line = text
    .replace(/(AWS4-HMAC-SHA256|\bBearer\b|X-Amz-)[\s\S]*$/i, '…')
    .replace(/[\w+/=%]{64,}|\b[0-9a-f]{32,}\b/gi, '…')
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim();
  return cut(line, 300);
}
