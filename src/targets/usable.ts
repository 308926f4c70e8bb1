import type { Format } from '../formats.ts';
import { hasPort, type Unusable } from './address.ts';
import type { Skipped, Wanted, WantedTarget } from './targets.ts';

/** What a document allows its targets to be. */
export interface ListKind {
  readonly format: Format;
  /** The job has relabel_configs. */
  readonly relabelled: boolean;
}

/**
 * The targets of a job that this list can hold; the rest is reported as skipped.
 *
 * - A path in a target keeps Prometheus from starting, except in a job with relabel_configs (config.go,
 *   checkStaticTargets). A file_sd document does not show its job, so a path is allowed there.
 * - Thanos connects with gRPC, so an endpoint has a port and no path. Its list has no labels.
 */
export function usableIn(list: ListKind, wanted: Wanted): Wanted {
  const skipped: Skipped[] = [];
  const targets = wanted.targets.filter((target) => {
    const fault = unusable(list, target.address);
    if (fault) skipped.push(...recordsOf(target, fault));
    return !fault;
  });
  const usable = { ...wanted, targets, skipped: [...wanted.skipped, ...skipped] };
  return list.format === 'thanos_endpoints' ? withoutLabels(usable) : usable;
}

function withoutLabels(wanted: Wanted): Wanted {
  const targets = wanted.targets.map((target) => ({ ...target, labels: {} }));
  // The others are about labels.
  const warnings = wanted.warnings.filter(({ code }) => code === 'local-address');
  return { ...wanted, targets, warnings };
}

function unusable({ format, relabelled }: ListKind, address: string): Unusable | undefined {
  const path = address.includes('/');
  if (format === 'thanos_endpoints') {
    if (path)
      return { code: 'path-not-allowed', reason: `${address}: an endpoint must be host:port` };
    if (!hasPort(address))
      return { code: 'port-missing', reason: `${address}: an endpoint must have a port` };
  } else if (path && !relabelled && format !== 'file_sd') {
    return {
      code: 'path-not-allowed',
      reason: `${address}: only a job with relabel_configs accepts URLs`,
    };
  }
  return undefined;
}

function recordsOf(target: WantedTarget, fault: Unusable): Skipped[] {
  return target.origins.map((origin) => ({
    record: origin.kind === 'record' ? origin.record.name : target.address,
    type: origin.kind === 'record' ? origin.record.type : 'also',
    ...fault,
  }));
}
