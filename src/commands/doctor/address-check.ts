import type { Job } from '../../job.ts';
import type { Wanted } from '../../targets/targets.ts';
import { count } from '../../wording.ts';
import { type Finding, warning } from './finding.ts';

/** Record sets that lead Prometheus to an address instead of another server's name. */
export function checkAddresses({ name }: Job, { skipped, warnings }: Wanted): Finding[] {
  const notAllowed = skipped.filter(({ code }) => code === 'address-not-allowed');
  const [first] = notAllowed;
  return [
    ...(first
      ? [
          warning(
            name,
            `${count(notAllowed.length, 'record set')} skipped: ${first.code}, ${first.reason}`,
            'Use {name} or {host} in target, or set allowAddresses: true if everyone who may write to the zone may choose what Prometheus scrapes.',
          ),
        ]
      : []),
    ...warnings
      .filter(({ code }) => code === 'local-address')
      .map(({ message }) => warning(name, message, 'Correct the record, or exclude its name.')),
  ];
}
