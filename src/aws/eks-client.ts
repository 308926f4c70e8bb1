import { Route53Client, type Route53ClientConfig } from '@aws-sdk/client-route-53';
import { Command } from '@smithy/core/client';
import { getEndpointPlugin } from '@smithy/core/endpoints';
import { extendedEncodeURIComponent, HttpRequest, type HttpResponse } from '@smithy/core/protocols';
import type { Endpoint, EndpointV2, HttpAuthOption } from '@smithy/types';
import { type Fields, fieldsOf } from '../shape.ts';
import { partitionOf } from './partitions.ts';

/** What we use of the answer to DescribeCluster. */
export interface ClusterDescription {
  readonly status?: string;
  readonly version?: string;
  readonly endpoint?: string;
  readonly certificateAuthority?: { readonly data?: string };
  readonly resourcesVpcConfig?: { readonly endpointPublicAccess?: boolean };
}

/** A page of the names of an account's clusters in a Region. */
export interface ClusterPage {
  readonly clusters: readonly string[];
  readonly nextToken?: string;
}

/**
 * DescribeCluster and ListClusters of EKS, without @aws-sdk/client-eks: its schemas and the SDK's JSON protocol, which no other call
 * uses, are a fifteenth of what the Lambda loads. All clients of the SDK are generated around the same parts, so the
 * one for Route 53, which the Lambda has anyway, sends these calls too: with the SDK's own credentials, retries, timeouts,
 * clock skew correction and settings (AWS_ENDPOINT_URL_EKS, AWS_USE_FIPS_ENDPOINT and so on). Replaced are the
 * endpoint, the name to sign for, and the protocol.
 *
 * Do not send commands of Route 53 with it.
 */
export class EksClient extends Route53Client {
  constructor(config: Route53ClientConfig) {
    super({
      ...config,
      serviceId: 'EKS',
      httpAuthSchemeProvider: ({ region }) => [signedForEks(region)],
      protocol: new EksProtocol() as never,
    });
    const given = this.config.endpointProvider;
    this.config.endpointProvider = (params, context) =>
      params.Endpoint ? given(params, context) : eksEndpoint(params);
  }

  /** undefined: the answer is not from EKS. Throws errors of the SDK. */
  async describeCluster(
    name: string,
    abortSignal: AbortSignal,
  ): Promise<ClusterDescription | undefined> {
    const path = `/clusters/${extendedEncodeURIComponent(name)}`;
    return clusterIn(await this.#get(new DescribeClusterCommand({ path }), abortSignal));
  }

  /**
   * One page, of 100 names where EKS decides. undefined: the answer is not from EKS. Throws errors of the SDK.
   *
   * @param connected clusters that EKS Connector registered, too
   */
  async listClusters(
    { connected, nextToken }: { readonly connected: boolean; readonly nextToken?: string },
    abortSignal: AbortSignal,
  ): Promise<ClusterPage | undefined> {
    const query = { ...(connected && { include: ['all'] }), ...(nextToken && { nextToken }) };
    const command = new ListClustersCommand({ path: '/clusters', query });
    return pageIn(await this.#get(command, abortSignal));
  }

  async #get(command: object, abortSignal: AbortSignal): Promise<Fields> {
    return ((await this.send(command as never, { abortSignal })) as Output).answer;
  }
}

type Input = { path: string; query?: HttpRequest['query'] };
type Output = { answer: Fields; $metadata: object };

const builtIn = (name: string) => ({ type: 'builtInParams', name }) as const;

const commandOf = (operation: string) =>
  Command.classBuilder<Input, Output, never, Input, Output>()
    .ep({
      Endpoint: builtIn('endpoint'),
      Region: builtIn('region'),
      UseFIPS: builtIn('useFipsEndpoint'),
      UseDualStack: builtIn('useDualstackEndpoint'),
    })
    .m((command, _stack, config) => [
      getEndpointPlugin(config, command.getEndpointParameterInstructions()),
    ])
    .s('AWSWesleyFrontend', operation, {})
    .n('EKSClient', `${operation}Command`)
    .build();

const DescribeClusterCommand = commandOf('DescribeCluster');
const ListClustersCommand = commandOf('ListClusters');

function signedForEks(region: string | undefined): HttpAuthOption {
  return {
    schemeId: 'aws.auth#sigv4',
    signingProperties: { signingName: 'eks', signingRegion: region },
    propertiesExtractor: (config, context) => ({ signingProperties: { config, context } }),
  };
}

/**
 * The endpoint of EKS in a Region. Source: the endpoint rules of @aws-sdk/client-eks, which the test compares it with.
 *
 *     eks.eu-west-1.amazonaws.com    fips.eks.us-east-2.amazonaws.com    eks.us-gov-west-1.amazonaws.com (FIPS, too)
 *     eks.eu-west-1.api.aws          eks-fips.us-east-2.api.aws          eks-fips.cn-north-1.amazonaws.com.cn
 */
function eksEndpoint({ Region = '', UseFIPS, UseDualStack }: EndpointParameters): EndpointV2 {
  const { dnsSuffix, dualStackSuffix } = partitionOf(Region);
  const suffix = UseDualStack ? dualStackSuffix : dnsSuffix;
  const isPlain = !UseFIPS || (!UseDualStack && Region.startsWith('us-gov-'));
  const service = UseDualStack || dnsSuffix !== 'amazonaws.com' ? 'eks-fips' : 'fips.eks';
  return { url: new URL(`https://${isPlain ? 'eks' : service}.${Region}.${suffix}`) };
}

interface EndpointParameters {
  readonly Region?: string | undefined;
  readonly UseFIPS?: boolean | undefined;
  readonly UseDualStack?: boolean | undefined;
}

/** What the SDK's clients call a protocol: from a command's input to a request, and from an answer to its output. */
class EksProtocol {
  setSerdeContext(): void {}

  async serializeRequest(
    _operation: unknown,
    { path, query = {} }: Input,
    context: { endpoint: () => Promise<Endpoint> },
  ): Promise<HttpRequest> {
    const endpoint = await context.endpoint();
    const whole = `${endpoint.path.replace(/\/$/, '')}${path}`;
    return new HttpRequest({ ...endpoint, method: 'GET', path: whole, query, headers: {} });
  }

  async deserializeResponse(
    _operation: unknown,
    { streamCollector }: { streamCollector: (body: unknown) => Promise<Uint8Array> },
    { statusCode, headers, body }: HttpResponse,
  ): Promise<Output> {
    const text = Buffer.from(await streamCollector(body)).toString();
    const $metadata = { httpStatusCode: statusCode };
    if (statusCode < 300) return { answer: fieldsOf(JSON.parse(text || '{}')), $metadata };
    const { code, __type, message, Message } = objectIn(text);
    // `ResourceNotFoundException:http://…`, and in a body also `com.amazonaws.eks#ResourceNotFoundException`
    const type = String(headers['x-amzn-errortype'] ?? code ?? __type ?? 'UnknownError');
    throw Object.assign(new Error(String(message ?? Message ?? '')), {
      name: type.replace(/[,:].*/, '').replace(/.*#/, ''),
      $fault: statusCode < 500 ? 'client' : 'server',
      $metadata,
    });
  }
}

/** Of an error; a proxy's page has no fields. */
function objectIn(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function pageIn({ clusters, nextToken }: Fields): ClusterPage | undefined {
  if (!Array.isArray(clusters) || clusters.some((name) => typeof name !== 'string'))
    return undefined;
  return { clusters, ...(typeof nextToken === 'string' && nextToken && { nextToken }) };
}

function clusterIn({ cluster }: Fields): ClusterDescription | undefined {
  if (!cluster || typeof cluster !== 'object') return undefined;
  const { status, version, endpoint, certificateAuthority, resourcesVpcConfig } = fieldsOf(cluster);
  const { data } = fieldsOf(certificateAuthority);
  const { endpointPublicAccess } = fieldsOf(resourcesVpcConfig);
  return {
    ...(typeof status === 'string' && { status }),
    ...(typeof version === 'string' && { version }),
    ...(typeof endpoint === 'string' && { endpoint }),
    ...(typeof data === 'string' && { certificateAuthority: { data } }),
    ...(typeof endpointPublicAccess === 'boolean' && {
      resourcesVpcConfig: { endpointPublicAccess },
    }),
  };
}
