import { createHash } from 'node:crypto';

/**
 * The logical id of a job's resource. It depends on the job's name alone: with an id from the job's position,
 * removing a job would move the next job's physical names to another logical id, and CloudFormation creates
 * before it deletes, so the names would collide. Ids are alphanumeric; the digest distinguishes `a-b` from `ab`.
 */
export function logicalId(kind: string, job: string): string {
  const digest = createHash('sha256').update(job).digest('hex').slice(0, 8);
  return `${kind}${job.replace(/[^A-Za-z0-9]/g, '')}${digest}`;
}
