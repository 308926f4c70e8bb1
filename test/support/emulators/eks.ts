import { randomUUID } from 'node:crypto';
import { AwsError, defaultRefusal } from './aws/error.ts';
import type { Identity, Principal } from './aws/identity.ts';
import type { Refusal } from './faults.ts';
import type { WireRequest, WireResponse } from './wire/server.ts';

export interface ClusterOptions {
  readonly name: string;
  /** Default: that of the emulator. */
  readonly account?: string;
  /** Default: all. */
  readonly region?: string;
  /** EKS Connector registered it: ListClusters has it only with include=all. */
  readonly connected?: boolean;
  /** Of the Kubernetes API server; there is none while the status is CREATING. */
  readonly endpoint?: string;
  /** PEM. */
  readonly certificateAuthority?: string;
  readonly status?: 'CREATING' | 'ACTIVE' | 'DELETING' | 'FAILED' | 'UPDATING' | 'PENDING';
  readonly version?: string;
}

/** EKS's REST-JSON API: DescribeCluster and ListClusters over clusters that tests set up. */
export class Eks {
  readonly #identity: Identity;
  readonly #clusters = new Map<string, ClusterOptions>();

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  /** Creates or replaces. */
  putCluster(cluster: ClusterOptions): void {
    this.#clusters.set(keyOf(cluster), cluster);
  }

  deleteCluster(name: string, where: Pick<ClusterOptions, 'account' | 'region'> = {}): void {
    this.#clusters.delete(keyOf({ name, ...where }));
  }

  operation({ method, path }: WireRequest): string {
    if (method !== 'GET') return `${method} ${path}`;
    return clusterName(path) === undefined ? 'ListClusters' : 'DescribeCluster';
  }

  answer(request: WireRequest, principal: Principal, region: string): WireResponse {
    const name = clusterName(request.path);
    const account = principal.arn.split(':')[4] || this.#identity.account;
    if (request.method !== 'GET' || !/^\/clusters(\/[^/]+)?$/.test(request.path)) {
      throw new AwsError(404, 'UnknownOperationException', 'Unknown operation');
    }
    if (name === undefined) {
      this.#identity.authorize(principal, 'eks:ListClusters', '*');
      const here = [...this.#clusters.values()]
        .filter((cluster) => this.#isAt(cluster, account, region))
        .filter(({ connected }) => !connected || request.query.get('include') === 'all');
      return json(200, pageOf(here.map((cluster) => cluster.name).sort(), request.query));
    }
    const arn = `arn:aws:eks:${region}:${account}:cluster/${name}`;
    this.#identity.authorize(principal, 'eks:DescribeCluster', arn);
    const cluster = [...this.#clusters.values()].find(
      (one) => one.name === name && this.#isAt(one, account, region),
    );
    if (!cluster) {
      throw new AwsError(404, 'ResourceNotFoundException', `No cluster found for name: ${name}.`);
    }
    return json(200, { cluster: description(cluster, arn, account) });
  }

  /** The endpoint says the Region; here one port serves all, so the signature's Region decides. */
  #isAt(cluster: ClusterOptions, account: string, region: string): boolean {
    const owner = cluster.account ?? this.#identity.account;
    return owner === account && (cluster.region ?? region) === region;
  }

  refuse({ status, headers, ...said }: Refusal): WireResponse {
    const { code, message } = { ...defaultRefusal(status), ...CODES[status], ...said };
    const response = errorResponse(new AwsError(status, code, message));
    return { ...response, headers: { ...response.headers, ...headers } };
  }
}

const keyOf = ({ account = '', region = '', name }: ClusterOptions) =>
  [account, region, name].join('/');

/** At most 100 names, as EKS documents it; the token is the first name of the next page. */
function pageOf(names: readonly string[], query: URLSearchParams) {
  const most = Number(query.get('maxResults') ?? 100);
  if (!(most >= 1 && most <= 100)) {
    throw new AwsError(400, 'InvalidParameterException', 'maxResults must be from 1 to 100');
  }
  const token = query.get('nextToken');
  const rest = token === null ? names : names.filter((name) => name >= unsealed(token));
  const next = rest[most];
  return { clusters: rest.slice(0, most), nextToken: next === undefined ? null : sealed(next) };
}

const sealed = (name: string) => Buffer.from(name).toString('base64');
const unsealed = (token: string) => Buffer.from(token, 'base64').toString();

const CODES: Record<number, { code: string }> = {
  400: { code: 'ThrottlingException' },
  403: { code: 'AccessDeniedException' },
  404: { code: 'ResourceNotFoundException' },
  409: { code: 'ResourceInUseException' },
  500: { code: 'ServerException' },
  503: { code: 'ServiceUnavailableException' },
};

/** EKS's names for what the other services call differently. */
const ALIASES: Record<string, string> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
};

function clusterName(path: string): string | undefined {
  const name = path.split('/')[2];
  return name ? decodeURIComponent(name) : undefined;
}

function description(cluster: ClusterOptions, arn: string, account: string) {
  const { name, endpoint, certificateAuthority, status = 'ACTIVE', version = '1.34' } = cluster;
  return {
    name,
    arn,
    createdAt: 1_700_000_000.123,
    version,
    ...(status === 'CREATING' ? {} : { endpoint }),
    roleArn: `arn:aws:iam::${account}:role/eks-${name}`,
    resourcesVpcConfig: {
      subnetIds: ['subnet-0a1b2c3d', 'subnet-4e5f6071'],
      securityGroupIds: [],
      clusterSecurityGroupId: 'sg-0a1b2c3d4e5f60718',
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      endpointPublicAccess: false,
      endpointPrivateAccess: true,
      publicAccessCidrs: [],
    },
    kubernetesNetworkConfig: { serviceIpv4Cidr: '172.20.0.0/16', ipFamily: 'ipv4' },
    logging: { clusterLogging: [] },
    status,
    ...(status === 'CREATING' || certificateAuthority === undefined
      ? { certificateAuthority: { data: null } }
      : { certificateAuthority: { data: Buffer.from(certificateAuthority).toString('base64') } }),
    clientRequestToken: null,
    platformVersion: 'eks.7',
    tags: {},
    health: { issues: [] },
    accessConfig: { bootstrapClusterCreatorAdminPermissions: null, authenticationMode: 'API' },
  };
}

function json(status: number, body: unknown): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(body),
  };
}

export function errorResponse(error: AwsError): WireResponse {
  const response = json(error.status, { message: error.message });
  const type = ALIASES[error.code] ?? error.code;
  return { ...response, headers: { ...response.headers, 'x-amzn-errortype': type } };
}
