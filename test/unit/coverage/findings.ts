import type { ExpectedList } from '../../../src/coverage/expected.ts';
import { coverageOf, type Findings } from '../../../src/coverage/rungs.ts';
import type { From, Job, Place, Select } from '../../../src/job.ts';
import type { RecordSet } from '../../../src/records/record-set.ts';
import type { Verdict } from '../../../src/verify/verdict.ts';

export const PATTERN = String.raw`^(?<clusterID>[^.]+)\.prometheus\.internal$`;

export function from(
  select: Partial<Select> = {},
  labels: From['labels'] = { clusterID: '{label}' },
): From {
  const defaults = { types: ['A', 'CNAME'], name: PATTERN, exclude: [], setIdentifier: undefined };
  return { source: { zone: 'Z1' }, select: { ...defaults, ...select }, target: '{host}', labels };
}

export const PLACE: Place = {
  location: { kind: 'configMap', namespace: 'monitoring', name: 'targets', key: 'targets.yaml' },
  format: 'file_sd',
  create: false,
  nudge: undefined,
  servers: [],
  waitMs: 0,
};

export function jobWith(parts: Partial<Job> = {}): Job {
  return {
    name: 'federate',
    job: 'federate',
    from: [from()],
    also: [],
    expect: [{ file: '/clusters.txt' }],
    guard: { maxRemoved: { percent: 20 }, perMs: 0, minTargets: 1, adopt: 'refuse' },
    keepMs: 0,
    to: [PLACE],
    ...parts,
  };
}

/** `eu-1.prometheus.internal CNAME [IDENTIFIER]` */
export function record(text: string): RecordSet {
  const [name = '', type = '', setIdentifier] = text.split(' ');
  return { name: `${name}.`, type, ...(setIdentifier && { setIdentifier }) };
}

type Stand = Verdict['targets'][number];

/** A target of that id, in a state. */
export function stand(id: string, state: Stand['state'], more: Partial<Stand> = {}): Stand {
  const address = `${id}.prometheus.internal`;
  return { address, labels: { clusterID: id }, state, detail: undefined, ...more };
}

export function verdict(targets: readonly Stand[], more: Partial<Verdict> = {}): Verdict {
  return {
    job: jobWith(),
    place: PLACE,
    servers: [],
    paused: false,
    refused: undefined,
    targets,
    skipped: [],
    agrees: true,
    fault: undefined,
    ...more,
  };
}

export const expected = (...ids: string[]): ExpectedList => ({
  all: ids.map((id) => ({ id, clusters: [] })),
  faults: [],
});

/** The coverage of `eu-1`, a target that is scraped unless the parts say otherwise. */
export function coverageOfOne(parts: Partial<Findings> & { readonly job?: Partial<Job> } = {}) {
  const { job, ...findings } = parts;
  return coverageOf(jobWith(job), {
    expected: expected('eu-1'),
    listings: [[record('eu-1.prometheus.internal CNAME')]],
    verdicts: [verdict([stand('eu-1', 'scraped')])],
    ...findings,
  });
}
