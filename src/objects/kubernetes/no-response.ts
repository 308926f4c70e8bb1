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
  const message = `could not ${call.to}: ${why}`;
  if (isUnusableCertificate(code)) {
    return { kind: 'failed', fault: new Fault('cluster-invalid', message, { cause }) };
  }
  if (isUntrusted(code)) {
    const fault = new Fault('kubernetes-unreachable', message, { cause, remedy: TRUST });
    return { kind: 'failed', fault };
  }
  const fault = new Fault(sent ? 'kubernetes-unavailable' : 'kubernetes-unreachable', message, {
    cause,
  });
  if (code === 'ENOTFOUND') return { kind: 'failed', fault };
  return { kind: 'again', fault, waitMs: 0, mayHaveApplied: false };
}

const TRUST =
  "Set the cluster's own certificate authority (cluster.eks.certificateAuthority, or certificate-authority-data in the kubeconfig).";

const WHY: Partial<Record<NoResponse['reason'], string>> = {
  aborted: 'the run timed out before the answer arrived',
  'connect-timeout': 'the connection timed out',
  'answer-timeout': 'the answer timed out',
  'too-long': 'the answer is larger than any object',
};

function reasonOf(code: string, host: string): string {
  if (UNTRUSTED.has(code)) {
    return `the certificate of ${host} is not signed by the cluster's certificate authority (${code})`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `the certificate is not valid for ${host}`;
  if (code.startsWith('CERT_')) return `the certificate of ${host} is not valid (${code})`;
  if (isUnusableCertificate(code)) return `our certificate or key is not usable (${code})`;
  if (isUntrusted(code)) return `no TLS connection to ${host} (${code})`;
  const text = TEXTS[code];
  return text ? `${text} ${host}` : `the connection to ${host} was lost${code && ` (${code})`}`;
}

const TEXTS: Record<string, string> = {
  ECONNREFUSED: 'connection refused by',
  ENOTFOUND: 'DNS has no address for',
  EAI_AGAIN: 'DNS does not answer for',
  EHOSTUNREACH: 'no route to',
  ENETUNREACH: 'no route to',
  ETIMEDOUT: 'the connection timed out to',
};

/** OpenSSL's codes for a chain that does not end in a trusted certificate. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** TLS errors that a retry does not change. EPROTO: the other side does not use TLS. */
function isUntrusted(code: string): boolean {
  return UNTRUSTED.has(code) || /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$)/.test(code);
}

/** The certificate authority, client certificate or key is not PEM, or they do not match. */
function isUnusableCertificate(code: string): boolean {
  return code.startsWith('ERR_OSSL_');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
