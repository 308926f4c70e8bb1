import { Fault } from '../../fault.ts';
import type { NoResponse } from '../../http.ts';
import { deadlineFault, type Run } from '../../run.ts';
import { type Call, type CallResult, writeUnknown } from './call.ts';

/** What a connection, or an answer, that broke means for the call. */
export function readNoResponse(broken: NoResponse, call: Call, host: string, run: Run): CallResult {
  const { cause, sent } = broken;
  const code = codeOf(cause);
  const why = WHY[broken.reason] ?? reasonOf(code, host);
  if (sent && !call.safeToRepeat) return { kind: 'failed', fault: writeUnknown(call, why, cause) };
  if (broken.reason === 'aborted') {
    return { kind: 'failed', fault: deadlineFault(run, `before it could ${call.to}`) };
  }
  const said = `could not ${call.to}: ${why}`;
  if (isUnusableCertificate(code)) {
    return { kind: 'failed', fault: new Fault('cluster-invalid', said, { cause }) };
  }
  if (isUntrusted(code)) {
    const fault = new Fault('kubernetes-unreachable', said, { cause, remedy: TRUST });
    return { kind: 'failed', fault };
  }
  const fault = new Fault(sent ? 'kubernetes-unavailable' : 'kubernetes-unreachable', said, {
    cause,
  });
  if (code === 'ENOTFOUND') return { kind: 'failed', fault };
  return { kind: 'again', fault, waitMs: 0, mayHaveApplied: false };
}

const TRUST =
  "Give the cluster's own certificate authority (cluster.eks.certificateAuthority, or certificate-authority-data in the kubeconfig).";

const WHY: Partial<Record<NoResponse['reason'], string>> = {
  aborted: "the run's time was over before the answer came",
  'connect-timeout': 'no connection in time',
  'answer-timeout': 'no answer in time',
  'too-long': 'the answer is longer than any object',
};

function reasonOf(code: string, host: string): string {
  if (UNTRUSTED.has(code)) {
    return `the certificate of ${host} is not signed by the cluster's certificate authority (${code})`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `the certificate is not one for ${host}`;
  if (code.startsWith('CERT_')) return `the certificate of ${host} is not valid (${code})`;
  if (isUnusableCertificate(code)) return `a certificate or key of ours is unusable (${code})`;
  if (isUntrusted(code)) return `no TLS connection to ${host} (${code})`;
  const text = TEXTS[code];
  return text ? `${text} ${host}` : `the connection to ${host} broke${code && ` (${code})`}`;
}

const TEXTS: Record<string, string> = {
  ECONNREFUSED: 'connection refused by',
  ENOTFOUND: 'no address is known for',
  EAI_AGAIN: 'DNS does not answer for',
  EHOSTUNREACH: 'no route to',
  ENETUNREACH: 'no route to',
  ETIMEDOUT: 'no connection in time to',
};

/** What OpenSSL says of a chain that does not end in a trusted certificate. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** All of TLS's own refusals: the same again changes nothing. EPROTO: the other side speaks no TLS. */
function isUntrusted(code: string): boolean {
  return UNTRUSTED.has(code) || /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$)/.test(code);
}

/** Certificate authority, client certificate or key: not PEM, or not of each other. */
function isUnusableCertificate(code: string): boolean {
  return code.startsWith('ERR_OSSL_');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
