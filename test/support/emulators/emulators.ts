import { randomBytes } from 'node:crypto';
import { verifyToken } from '../parts/eks-token.ts';
import { type Principal, policyArn } from './aws/identity.ts';
import { type Aws, startAws } from './aws.ts';
import { Faults } from './faults.ts';
import { type Kubernetes, startKubernetes } from './kubernetes.ts';

export interface EmulatorsOptions {
  /** The EKS cluster's name; default `central`. */
  readonly cluster?: string;
  /** Default eu-west-1. */
  readonly region?: string;
}

/** An account with a cluster in it: Route 53, STS and EKS, and the Kubernetes API that EKS describes. */
export interface Emulators {
  readonly aws: Aws;
  readonly kubernetes: Kubernetes;
  readonly cluster: string;
  /** In front of all of them, with one call log. */
  readonly faults: Faults;
  /** The caller's: registered with AWS, so that signatures are checked; without rights in the cluster. */
  readonly credentials: Required<Pick<Principal, 'accessKeyId' | 'secretAccessKey' | 'arn'>>;
  /** Points the SDK, the CLI and kubectl at the emulators, with those credentials. */
  readonly env: Readonly<Record<string, string>>;
  /** EKS access entries: who an IAM user or role is in the cluster. Default name: the ARN. */
  addAccessEntry(arn: string, entry: { readonly groups: readonly string[]; name?: string }): void;
  /** What the cluster made of each EKS token, oldest first; clients only hear `Unauthorized`. */
  readonly tokenErrors: string[];
  close(): Promise<void>;
}

export async function startEmulators(options: EmulatorsOptions = {}): Promise<Emulators> {
  const { cluster = 'central', region = 'eu-west-1' } = options;
  const faults = new Faults();
  const aws = await startAws({ faults });
  const kubernetes = await startKubernetes({ faults, accessKeyOf });
  const tokenErrors: string[] = [];
  const entries = new Map<string, { readonly groups: readonly string[]; name?: string }>();

  const { accessKeyId, arn } = aws.identity.addKey({
    accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    arn: `arn:aws:iam::${aws.identity.account}:user/operator`,
  });
  const { secretAccessKey = '' } = aws.identity.principal(accessKeyId);
  aws.eks.putCluster({
    name: cluster,
    region,
    endpoint: kubernetes.url,
    certificateAuthority: kubernetes.certificateAuthority,
  });

  kubernetes.authenticators.push((token) => {
    const principal = aws.identity.principal(accessKeyOf(token) ?? '');
    const known =
      principal.expires === undefined || principal.expires.getTime() > aws.identity.now();
    const entry = entries.get(policyArn(principal.arn));
    const { identity, error } = verifyToken(token, {
      clusterName: cluster,
      now: () => new Date(aws.identity.now()),
      credentials:
        known && principal.secretAccessKey !== undefined
          ? {
              [principal.accessKeyId]: {
                secretAccessKey: principal.secretAccessKey,
                ...(principal.sessionToken === undefined
                  ? {}
                  : { sessionToken: principal.sessionToken }),
                username: entry?.name ?? principal.arn,
                groups: [...(entry?.groups ?? [])],
              },
            }
          : {},
    });
    if (!identity) tokenErrors.push(error ?? '');
    else if (!entry) tokenErrors.push(`${policyArn(principal.arn)} has no access entry`);
    return identity && entry && { name: identity.username, groups: identity.groups };
  });

  return {
    aws,
    kubernetes,
    cluster,
    faults,
    credentials: { accessKeyId, secretAccessKey, arn },
    env: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    addAccessEntry: (principal, entry) => {
      entries.set(principal, entry);
    },
    tokenErrors,
    async close() {
      await Promise.all([aws.close(), kubernetes.close()]);
    },
  };
}

/** The access key inside an EKS token, unchecked. */
function accessKeyOf(token: string): string | undefined {
  if (!token.startsWith('k8s-aws-v1.')) return undefined;
  const url = Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString();
  const credential = url.split('?')[1];
  return new URLSearchParams(credential).get('X-Amz-Credential')?.split('/')[0];
}
