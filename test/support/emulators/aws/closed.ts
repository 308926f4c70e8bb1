import type { Refusal } from '../faults.ts';
import type { WireRequest, WireResponse } from '../wire/server.ts';
import { AwsError } from './error.ts';
import type { Principal } from './identity.ts';

/** Services that doctor looks at, and a sync never calls, by the name in the signature's scope. */
export const closedServices = ['events', 'cloudtrail', 'sqs', 'monitoring'] as const;
export type ClosedService = (typeof closedServices)[number];

/**
 * Services in which nobody may do anything, as an identity with least privilege sees them. What they answer to those
 * who may is tested with moto.
 */
export class Closed {
  readonly #service: ClosedService;

  constructor(service: ClosedService) {
    this.#service = service;
  }

  /** As `ListRules`: AWS's JSON protocols name it in a header. */
  operation({ headers, path }: WireRequest): string {
    return String(headers['x-amz-target'] ?? path).replace(/^.*[./]/, '');
  }

  answer(request: WireRequest, { arn }: Principal): WireResponse {
    const action = `${this.#service}:${this.operation(request)}`;
    const message = `User: ${arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
    throw new AwsError(400, 'AccessDeniedException', message);
  }

  refuse({ status, code = 'InternalFailure', message = '', headers }: Refusal): WireResponse {
    return { ...errorResponse(new AwsError(status, code, message)), ...(headers && { headers }) };
  }
}

export function errorResponse({ status, code, message }: AwsError): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ __type: code, message }),
  };
}
