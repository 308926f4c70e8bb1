import { Fault } from '../../fault.ts';

/** One call of the Kubernetes API. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** As `/api/v1/namespaces/monitoring/configmaps/prometheus-server`, and a query where it has one. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** As `patch configmap/monitoring/prometheus-server`, completes "could not …". */
  readonly to: string;
  /**
   * It changes nothing, so it may be repeated when it is unknown whether it arrived. A change may not: its
   * precondition is stale after the first, so the second answer would say nothing about the first.
   */
  readonly safeToRepeat: boolean;
}

/** The result of sending a call once. */
export type CallResult =
  | { readonly kind: 'done'; readonly body: unknown }
  | { readonly kind: 'failed' | 'unauthorized'; readonly fault: Fault }
  /** The same call, sent again, can succeed. */
  | {
      readonly kind: 'again';
      readonly fault: Fault;
      /** What the server asked us to wait. */
      readonly waitMs: number;
      /** The call failed, but it may have taken effect. */
      readonly mayHaveApplied: boolean;
    };

export function writeUnknown(call: Call, why: string, cause?: unknown): Fault {
  return new Fault('write-unknown', `unknown whether it could ${call.to}: ${why}`, { cause });
}
