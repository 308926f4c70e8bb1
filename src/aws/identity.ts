import type { Run } from '../run.ts';
import type { Aws } from './clients.ts';
import { awsFault } from './fault.ts';

/** Throws `aws-credentials` where the SDK finds none. */
export async function findCredentials(aws: Aws): Promise<void> {
  try {
    await (await aws.sts()).config.credentials();
  } catch (error) {
    throw awsFault(error, { to: 'find credentials' });
  }
}

/** The ARN of the identity that AWS sees in our requests. Throws `aws-*`, `deadline`. */
export async function callerArn(aws: Aws, run: Run): Promise<string> {
  try {
    const { GetCallerIdentityCommand } = await import('./sts.ts');
    const command = new GetCallerIdentityCommand({});
    const { Arn } = await (await aws.sts()).send(command, { abortSignal: run.signal });
    return Arn ?? 'unknown';
  } catch (error) {
    throw awsFault(error, { to: 'call sts:GetCallerIdentity' }, run.signal);
  }
}

/** The Region to look for EKS clusters in: the one given, else that of the environment or the profile. */
export async function eksRegion(
  aws: Aws,
  where: { readonly region?: string; readonly roleArn?: string },
): Promise<string | undefined> {
  return (
    where.region ??
    aws
      .eks(where)
      .config.region()
      .catch(() => undefined)
  );
}
