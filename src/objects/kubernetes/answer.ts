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
 * The message of a Status is never quoted: admission webhooks write any text into it, even the content of a
 * Secret. Only names are extracted: of a webhook, a policy, a quota, a field.
 *
 *     2xx                   done; unreadable: again, or write-unknown
 *     400                   kubernetes-refused; with the names of fields that the kind does not have
 *     401                   unauthorized, unless a policy refused it
 *     403                   kubernetes-forbidden by RBAC, else kubernetes-refused
 *     404                   object-missing, if the answer is from Kubernetes
 *     409                   field-owned, if another manager owns a field of a server-side apply; else conflict
 *     413, 422              object-too-large, object-immutable, kubernetes-refused
 *     429, 500, 503         again
 *     502, 504, 500 Timeout again; a change: write-unknown, because it may have been applied
 */
export function readAnswer(answer: Answer, call: Call): CallResult {
  const body = parse(answer);
  if (answer.status >= 200 && answer.status < 300) {
    if (typeof body === 'object' && body !== null) return { kind: 'done', body };
    return doubtful(call, `the answer is not from Kubernetes: ${described(answer)}`, 0);
  }
  return readFailure(answer, asStatus(body), call);
}

/** Reads what the API server forwards: done, except for its own failures, which are a Status. */
export function readForwarded(answer: Answer, call: Call): CallResult {
  const isOwn = answer.status >= 400 && asStatus(parse(answer)) !== undefined;
  return isOwn ? readAnswer(answer, call) : { kind: 'done', body: answer };
}

function readFailure(answer: Answer, status: ApiStatus | undefined, call: Call): CallResult {
  const { status: http } = answer;
  const answered = `HTTP ${http} ${plain(status?.reason)}`.trim();
  const failed = (code: FaultCode, why: string, remedy?: string): CallResult => ({
    kind: 'failed',
    fault: new Fault(code, `could not ${call.to}: ${why}`, remedy === undefined ? {} : { remedy }),
  });
  const refusedBy = status && refuser(status.message);
  if (refusedBy) return failed('kubernetes-refused', `${refusedBy} refused it`);

  if (http === 401) {
    const why = `the API server rejects these credentials (${answered})`;
    const fault = new Fault('kubernetes-unauthorized', `could not ${call.to}: ${why}`);
    return { kind: 'unauthorized', fault };
  }
  if (http === 403) {
    // The authorizer's message; any other 403 comes from an admission plugin.
    const byRbac = !status || /\bUser ".*" cannot \w+ (resource|path) /s.test(status.message);
    if (byRbac) return failed('kubernetes-forbidden', `RBAC does not allow it (${answered})`);
    return failed('kubernetes-refused', `admission control refused it${causesOf(status)}`);
  }
  if (http === 404 && status?.reason === 'NotFound') {
    const { kind = 'object', name = '' } = status.details ?? {};
    return failed(
      'object-missing',
      `the ${kind === 'namespaces' ? `namespace ${plain(name)}` : 'object'} does not exist`,
    );
  }
  const owned = status?.details?.causes?.filter(({ reason }) => reason === 'FieldManagerConflict');
  if (http === 409 && owned?.length) return readOwned(owned, failed);
  if (http === 409) return failed('conflict', `it changed after it was read (${answered})`);
  if (http === 413)
    return failed('object-too-large', `it is larger than the API server accepts (${answered})`);
  if (http === 422 && status) return readInvalid(status, failed);
  const unknown = unknownFields(status);
  if (http === 400 && unknown.length > 0) {
    const remedy = "Correct the template: the cluster's CRD does not have that field.";
    return failed(
      'kubernetes-refused',
      `unknown field ${unknown.join(', ').slice(0, 300)}`,
      remedy,
    );
  }
  if (http === 429 || http >= 500) return readTrouble(answer, status, call, answered, failed);
  if (http === 404 && call.path.startsWith('/apis/') && isNoSuchPath(answer)) {
    const [, , group, version] = call.path.split('/');
    const remedy = `Install the CRDs that define it: ${group}/${version}.`;
    return failed('kubernetes-refused', 'the cluster does not know that kind of object', remedy);
  }
  if (status) return failed('kubernetes-refused', `${answered}${causesOf(status)}`);
  return failed(
    'kubernetes-refused',
    `the answer is not from Kubernetes: ${described(answer)}`,
    "Check the endpoint: it is not that of the cluster's API server.",
  );
}

/** Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation */
function unknownFields(status: ApiStatus | undefined): string[] {
  if (!status?.message.includes('strict decoding error: ')) return [];
  return [...status.message.matchAll(/unknown field "([\w.[\]-]+)"/g)].map(([, name]) =>
    plain(name),
  );
}

/** What an API server answers for a group, a version or a kind that it does not serve. */
function isNoSuchPath({ bytes }: Answer): boolean {
  return bytes.length < 100 && Buffer.from(bytes).toString().startsWith('404 page not found');
}

/** Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts */
function readOwned(
  causes: readonly { message?: string; field?: string }[],
  failed: (code: FaultCode, why: string) => CallResult,
): CallResult {
  const owners = causes.map(({ message = '', field }) => {
    const [, manager] = /conflict with "([^"]*)"/.exec(message) ?? [];
    return `field manager ${plain(manager) || 'unknown'} owns ${plain(field)}`;
  });
  return failed('field-owned', [...new Set(owners)].join(', ').slice(0, 300));
}

function readInvalid(
  status: ApiStatus,
  failed: (code: FaultCode, why: string) => CallResult,
): CallResult {
  const causes = status.details?.causes ?? [];
  if (causes.some(({ reason }) => reason === 'FieldValueTooLong')) {
    return failed('object-too-large', 'a field is longer than the API server accepts');
  }
  if (causes.some(({ message }) => message?.includes('field is immutable'))) {
    return failed('object-immutable', 'the object is immutable');
  }
  return failed('kubernetes-refused', `the API server rejects it as invalid${causesOf(status)}`);
}

function readTrouble(
  answer: Answer,
  status: ApiStatus | undefined,
  call: Call,
  answered: string,
  failed: (code: FaultCode, why: string) => CallResult,
): CallResult {
  const { status: http } = answer;
  // etcd's own limit; the API server forwards its error.
  if (status?.message.includes('request is too large')) {
    return failed('object-too-large', "it is larger than the cluster's etcd accepts");
  }
  const webhook = /failed calling webhook "([\w.:/-]+)"/.exec(status?.message ?? '')?.[1];
  const why = webhook ? `admission webhook ${webhook} does not answer` : answered;
  const waitMs = waitOf(answer, status);
  const mayHaveApplied = http === 502 || http === 504 || status?.reason === 'Timeout';
  if (mayHaveApplied) return doubtful(call, why, waitMs);
  const fault = unavailable(call, why);
  // 429 is answered before a request is processed, and webhooks are called before anything is stored.
  return { kind: 'again', fault, waitMs, mayHaveApplied: http !== 429 && !webhook };
}

/** It is unknown whether the call took effect. */
function doubtful(call: Call, why: string, waitMs: number): CallResult {
  if (call.safeToRepeat) {
    return { kind: 'again', fault: unavailable(call, why), waitMs, mayHaveApplied: false };
  }
  return { kind: 'failed', fault: writeUnknown(call, why) };
}

function unavailable(call: Call, why: string): Fault {
  return new Fault('kubernetes-unavailable', `could not ${call.to}: ${why}`);
}

/** The name of what refused the request. Sources: k8s.io/apiserver/pkg/admission (plugin/webhook/errors, plugin/policy, plugin/resourcequota). */
function refuser(message: string): string | undefined {
  const [, webhook] = /admission webhook "([\w.:/-]+)" denied the request/.exec(message) ?? [];
  if (webhook) return `admission webhook ${plain(webhook)}`;
  const [, policy] = /[Pp]olicy ['"]([\w.:/-]+)['"].{0,300}? denied request/.exec(message) ?? [];
  if (policy) return `admission policy ${plain(policy)}`;
  const [, quota] = /exceeded quota: ([\w.-]+),/.exec(message) ?? [];
  return quota && `resource quota ${plain(quota)}`;
}

/** A name from outside, safe in one line of a terminal. */
function plain(name = ''): string {
  return name.replace(/[^\w.:/[\]-]/g, '').slice(0, 253);
}

/** Fields and why they are invalid, without their values. */
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

/** undefined: not JSON. The parser's error quotes its input, so it is never attached as a cause. */
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
