import { errorOf } from '../report.ts';
import { count } from '../wording.ts';
import type { JobCoverage } from './rungs.ts';

/** What `coverage --json` prints and the Lambda answers; `errors` only where something could not be found out. */
export function coverageJson(all: readonly JobCoverage[]) {
  const errors = all.flatMap(({ job, faults }) =>
    faults.map((fault) => ({ job: job.name, ...errorOf(fault) })),
  );
  return {
    clusters: all.flatMap(({ job, clusters }) =>
      clusters.map(({ cluster, ...rest }) => ({ cluster, job: job.name, ...rest })),
    ),
    orphaned: all.flatMap(({ job, orphaned }) =>
      orphaned.map((orphan) => ({ ...orphan, job: job.name })),
    ),
    ...(errors.length > 0 && { errors }),
  };
}

/** `212 clusters expected, 208 covered, 4 not; 1 orphaned` */
export function totalsText(all: readonly JobCoverage[]): string {
  const clusters = all.flatMap((one) => one.clusters);
  const lost = clusters.filter((one) => one.lost !== null).length;
  const orphaned = all.reduce((sum, one) => sum + one.orphaned.length, 0);
  return `${count(clusters.length, 'cluster')} expected, ${clusters.length - lost} covered, ${lost} not; ${orphaned} orphaned`;
}
