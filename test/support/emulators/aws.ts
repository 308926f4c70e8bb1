import {
  Closed,
  type ClosedService,
  errorResponse as closedError,
  closedServices,
} from './aws/closed.ts';
import { AwsError } from './aws/error.ts';
import { Identity } from './aws/identity.ts';
import { errorResponse as route53Error } from './aws/route53-xml.ts';
import { Eks, errorResponse as eksError } from './eks.ts';
import type { Faults } from './faults.ts';
import { Route53 } from './route53.ts';
import { Sts, errorResponse as stsError } from './sts.ts';
import {
  type Part,
  type ServeOptions,
  type Server,
  serve,
  type WireRequest,
} from './wire/server.ts';
import { readSignature } from './wire/signature.ts';

/** Route 53, STS, EKS, and services that allow nothing, behind one AWS_ENDPOINT_URL; the credential scope of the signature identifies them. */
export interface Aws extends Server {
  readonly identity: Identity;
  readonly route53: Route53;
  readonly sts: Sts;
  readonly eks: Eks;
  readonly faults: Faults;
}

export interface AwsOptions extends ServeOptions {
  /** Default 123456789012. */
  readonly account?: string;
}

type Service = 'route53' | 'sts' | 'eks' | ClosedService;

export async function startAws(options: AwsOptions = {}): Promise<Aws> {
  const identity = new Identity(options.account);
  const route53 = new Route53(identity);
  const sts = new Sts(identity);
  const eks = new Eks(identity);
  const closed = (service: ClosedService) => new Closed(service);
  const services = {
    ...{ route53, sts, eks },
    ...{ events: closed('events'), cloudtrail: closed('cloudtrail') },
    ...{ sqs: closed('sqs'), monitoring: closed('monitoring') },
  };
  const errorOf = (service: Service, error: AwsError) => {
    if (service === 'route53') return route53Error(error);
    if (service === 'sts') return stsError(error);
    return service === 'eks' ? eksError(error) : closedError(error);
  };

  const part: Part = {
    describe(request) {
      const service = serviceOf(request);
      const accessKeyId = readSignature(request)?.accessKeyId;
      const operation = services[service].operation(request);
      return { service, operation, ...(accessKeyId === undefined ? {} : { accessKeyId }) };
    },
    answer(request) {
      const service = serviceOf(request);
      try {
        if (service === 'sts' && sts.isUnsigned(request)) return sts.answer(request, undefined);
        const principal = identity.authenticate(request);
        if (service === 'eks') {
          return eks.answer(request, principal, readSignature(request)?.region ?? '');
        }
        return services[service].answer(request, principal);
      } catch (error) {
        if (error instanceof AwsError) return errorOf(service, error);
        throw error;
      }
    },
    refuse: (request, refusal) => services[serviceOf(request)].refuse(refusal),
  };
  return Object.assign(await serve(part, options), { identity, route53, sts, eks });
}

/** Unsigned requests are identified by their path, to be refused with the right message. */
function serviceOf(request: WireRequest): Service {
  const signed = readSignature(request)?.service;
  if (signed === 'route53' || signed === 'sts' || signed === 'eks') return signed;
  const closed = closedServices.find((service) => service === signed);
  if (closed) return closed;
  if (request.path.startsWith('/2013-04-01/')) return 'route53';
  return request.path.startsWith('/clusters') ? 'eks' : 'sts';
}
