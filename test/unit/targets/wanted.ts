import type { Job } from '../../../src/job.ts';
import type { RecordSet } from '../../../src/records/record-set.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { targetsOf } from '../../../src/targets/targets.ts';

/** A job of the settings, with all that is not given as simple as can be. */
export function jobOf(job: Readonly<Record<string, unknown>> = {}): Job {
  const raw = {
    job: 'federate',
    from: [{ zone: 'Z1' }],
    select: { name: '\\.internal$' },
    to: { file: 'prometheus.yml' },
    ...job,
  };
  return checkSettings({ jobs: [raw] }, 'test', '/').jobs[0] as Job;
}

/** `a.internal. CNAME blue` as a record set. */
export function recordOf(text: string): RecordSet {
  const [name = '', type = 'A', setIdentifier] = text.split(' ');
  return { name, type, ...(setIdentifier !== undefined && { setIdentifier }) };
}

/** What a job wants of these record sets; one list of them per `from`. */
export function wantedOf(job: Readonly<Record<string, unknown>>, ...listings: string[][]) {
  const wanted = targetsOf(
    jobOf(job),
    listings.map((records) => records.map(recordOf)),
  );
  return {
    ...wanted,
    addresses: wanted.targets.map(({ address }) => address),
    plain: wanted.targets.map(({ address, labels }) => ({ address, labels })),
  };
}
