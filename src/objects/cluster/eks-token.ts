import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, ChecksumConstructor, HashConstructor } from '@smithy/types';
import { partitionOf } from '../../aws/partitions.ts';

/** What a token is created from. */
export interface EksIdentity {
  readonly cluster: string;
  readonly region: string;
  readonly credentials: AwsCredentialIdentity;
  readonly sha256: ChecksumConstructor | HashConstructor;
  readonly now: Date;
}

export interface EksToken {
  readonly token: string;
  /** Epoch milliseconds after which it must not be used. */
  readonly until: number;
}

/** The authenticator accepts a token for 15 minutes after its X-Amz-Date; one minute is left for clock skew. */
const LIFE_MS = 14 * 60_000;

/**
 * The bearer token that EKS accepts: a presigned STS GetCallerIdentity request, which the cluster's
 * authenticator sends to learn who we are. Presigning needs no network.
 *
 *     k8s-aws-v1.  + base64url( https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&...
 *                               &X-Amz-SignedHeaders=host;x-k8s-aws-id&X-Amz-Signature=... )
 *
 * The signed header x-k8s-aws-id binds it to one cluster. Source: aws-iam-authenticator, pkg/token; it
 * refuses URLs of any host except those of STS, so an endpoint configured for the SDK is ignored here.
 */
export async function eksToken(identity: EksIdentity): Promise<EksToken> {
  const { cluster, region, credentials, sha256, now } = identity;
  const hostname = `sts.${region}.${partitionOf(region).dnsSuffix}`;
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256 });
  const { query } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: hostname, 'x-k8s-aws-id': cluster },
    },
    // As the authenticator's own clients send it; the authenticator applies its 15 minutes regardless.
    { signingDate: now, expiresIn: 60 },
  );
  const url = `https://${hostname}/?${new URLSearchParams(query as Record<string, string>)}`;
  return {
    token: `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`,
    until: Math.min(now.getTime() + LIFE_MS, credentials.expiration?.getTime() ?? Infinity),
  };
}
