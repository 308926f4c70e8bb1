import { Fault, type FaultCode } from '../../fault.ts';
import type { Answer } from '../../http.ts';
import { type Call, type CallResult, writeUnknown } from './call.ts';

/** metav1.Status, as far as it is read: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
interface ApiStatus {
  readonly message: string;
  readonly reason: string;
  readonly details?: {
    readonly kind?: string;
    readonly name?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { reason?: string; message?: string; field?: string }[];
  };
}

/**
 * Reads an answer.
 *
 * A Status's message is never quoted: admission webhooks write what they like into it, a Secret's contents
 * included. Only names are taken from it: of a webhook, a policy, a quota, a field.
 *
 *     2xx                   done; unreadable: again, or write-unknown
 *     401                   unauthorized, unless a policy says so
 *     403                   kubernetes-forbidden by RBAC, else kubernetes-refused
 *     404                   object-missing, if Kubernetes says it
 *     409                   conflict
 *     413, 422              object-too-large, object-immutable, kubernetes-refused
 *     429, 500, 503         again
 *     502, 504, 500 Timeout again; a change: write-unknown, for it may have been made
 */
export function readAnswer(answer: Answer, call: Call): CallResult {
  const body = parse(answer);
  if (answer.status >= 200 && answer.status < 300) {
    if (typeof body === 'object' && body !== null) return { kind: 'done', body };
    return doubtful(call, `the answer is not Kubernetes's: ${described(answer)}`, 0);
  }
  return readFailure(answer, asStatus(body), call);
}

function readFailure(answer: Answer, status: ApiStatus | undefined, call: Call): CallResult {
  const { status: http } = answer;
  const said = `HTTP ${http} ${plain(status?.reason)}`.trim();
  const failed = (code: FaultCode, why: string, remedy?: string): CallResult => ({
    kind: 'failed',
    fault: new Fault(code, `could not ${call.to}: ${why}`, remedy === undefined ? {} : { remedy }),
  });
  const refusedBy = status && refuser(status.message);
  if (refusedBy) return failed('kubernetes-refused', `${refusedBy} refused it`);

  if (http === 401) {
    const why = `the API server does not know these credentials (${said})`;
    const fault = new Fault('kubernetes-unauthorized', `could not ${call.to}: ${why}`);
    return { kind: 'unauthorized', fault };
  }
  if (http === 403) {
    // The authorizer's words; everything else that answers 403 is an admission plugin.
    const byRbac = !status || /\bUser ".*" cannot \w+ (resource|path) /s.test(status.message);
    if (byRbac) return failed('kubernetes-forbidden', `it is not allowed (${said})`);
    return failed('kubernetes-refused', `the API server's admission refused it${causesOf(status)}`);
  }
  if (http === 404 && status?.reason === 'NotFound') {
    const { kind = 'object', name = '' } = status.details ?? {};
    return failed(
      'object-missing',
      `there is no ${kind === 'namespaces' ? `namespace ${plain(name)}` : 'such object'}`,
    );
  }
  if (http === 409) return failed('conflict', `it has changed meanwhile (${said})`);
  if (http === 413)
    return failed('object-too-large', `the API server takes nothing so large (${said})`);
  if (http === 422 && status) return readInvalid(status, failed);
  if (http === 429 || http >= 500) return readTrouble(answer, status, call, said, failed);
  if (status) return failed('kubernetes-refused', `${said}${causesOf(status)}`);
  return failed(
    'kubernetes-refused',
    `the answer is not Kubernetes's: ${described(answer)}`,
    "Check the endpoint: what answers there is not the cluster's API server.",
  );
}

function readInvalid(
  status: ApiStatus,
  failed: (code: FaultCode, why: string) => CallResult,
): CallResult {
  const causes = status.details?.causes ?? [];
  if (causes.some(({ reason }) => reason === 'FieldValueTooLong')) {
    return failed('object-too-large', 'the API server finds it too long');
  }
  if (causes.some(({ message }) => message?.includes('field is immutable'))) {
    return failed('object-immutable', 'the object is immutable');
  }
  return failed('kubernetes-refused', `the API server finds it invalid${causesOf(status)}`);
}

function readTrouble(
  answer: Answer,
  status: ApiStatus | undefined,
  call: Call,
  said: string,
  failed: (code: FaultCode, why: string) => CallResult,
): CallResult {
  const { status: http } = answer;
  // etcd's own limit; the API server passes its error on as it is.
  if (status?.message.includes('request is too large')) {
    return failed('object-too-large', "the cluster's etcd takes nothing so large");
  }
  const webhook = /failed calling webhook "([\w.:/-]+)"/.exec(status?.message ?? '')?.[1];
  const why = webhook ? `admission webhook ${webhook} does not answer` : said;
  const waitMs = waitOf(answer, status);
  const mayHaveApplied = http === 502 || http === 504 || status?.reason === 'Timeout';
  if (mayHaveApplied) return doubtful(call, why, waitMs);
  const fault = unavailable(call, why);
  // Too many requests are turned away at the door, and webhooks are asked before anything is stored.
  return { kind: 'again', fault, waitMs, mayHaveApplied: http !== 429 && !webhook };
}

/** Nobody knows what became of the call. */
function doubtful(call: Call, why: string, waitMs: number): CallResult {
  if (call.safeToRepeat) {
    return { kind: 'again', fault: unavailable(call, why), waitMs, mayHaveApplied: false };
  }
  return { kind: 'failed', fault: writeUnknown(call, why) };
}

function unavailable(call: Call, why: string): Fault {
  return new Fault('kubernetes-unavailable', `could not ${call.to}: ${why}`);
}

/** Who refused, by name. Sources: k8s.io/apiserver/pkg/admission (plugin/webhook/errors, plugin/policy, plugin/resourcequota). */
function refuser(message: string): string | undefined {
  const [, webhook] = /admission webhook "([\w.:/-]+)" denied the request/.exec(message) ?? [];
  if (webhook) return `admission webhook ${plain(webhook)}`;
  const [, policy] = /[Pp]olicy ['"]([\w.:/-]+)['"].{0,300}? denied request/.exec(message) ?? [];
  if (policy) return `admission policy ${plain(policy)}`;
  const [, quota] = /exceeded quota: ([\w.-]+),/.exec(message) ?? [];
  return quota && `resource quota ${plain(quota)}`;
}

/** A name from outside, fit to stand in one line of a terminal. */
function plain(name = ''): string {
  return name.replace(/[^\w.:/[\]-]/g, '').slice(0, 253);
}

/** Fields and what is wrong with them, without their values. */
function causesOf(status: ApiStatus): string {
  const causes = status.details?.causes ?? [];
  const texts = causes.map(({ field, reason }) => `${plain(field)} ${plain(reason)}`.trim());
  return texts.length === 0 ? '' : `: ${texts.join(', ').slice(0, 300)}`;
}

function waitOf(answer: Answer, status: ApiStatus | undefined): number {
  // The API server sends whole seconds, never a date.
  const seconds = Number(answer.retryAfter ?? status?.details?.retryAfterSeconds ?? 0);
  return seconds > 0 ? seconds * 1000 : 0;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** undefined: not JSON. The parser's own error quotes what it read, so it is nobody's cause. */
function parse({ bytes }: Answer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

function asStatus(body: unknown): ApiStatus | undefined {
  const status = body as (Partial<ApiStatus> & { kind?: unknown }) | null | undefined;
  if (status?.kind !== 'Status') return undefined;
  const { message = '', reason = '', details } = status;
  if (typeof message !== 'string' || typeof reason !== 'string') return undefined;
  return { message, reason, ...(details && { details }) };
}

function described({ status, contentType, bytes }: Answer): string {
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(contentType)?.[0] ?? 'no content type';
  return `HTTP ${status}, ${type}, ${bytes.length} bytes`;
}
