import { asFault } from '../../fault.ts';

/** One result of a check. */
export interface Finding {
  /** A note is neither good nor bad: something that could not be checked, and that a sync does not need. */
  readonly status: 'ok' | 'note' | 'warning' | 'failure';
  /** As `zone Z0821`, `configmap/monitoring/prometheus-server`. */
  readonly about: string;
  readonly message: string;
  /** What to do about a warning or a failure, or how to find out more. */
  readonly remedy?: string;
  /** Of the fault, if there was one. */
  readonly code?: string;
}

export function ok(about: string, message: string): Finding {
  return { status: 'ok', about, message };
}

export function note(about: string, message: string, remedy: string): Finding {
  return { status: 'note', about, message, remedy };
}

export function warning(about: string, message: string, remedy: string): Finding {
  return { status: 'warning', about, message, remedy };
}

export function failure(about: string, message: string, remedy: string): Finding {
  return { status: 'failure', about, message, remedy };
}

/** A thrown error as a finding. */
export function fromError(
  about: string,
  error: unknown,
  status: Finding['status'] = 'failure',
): Finding {
  const { code, message, remedy } = asFault(error);
  return { status, about, message: `${code}: ${message}`, remedy, code };
}
