import { randomUUID } from 'node:crypto';
import { AwsError, defaultRefusal } from './aws/error.ts';
import { accountOf, type Identity, type Principal } from './aws/identity.ts';
import type { Refusal } from './faults.ts';
import type { WireRequest, WireResponse } from './wire/server.ts';
import { writeXml, type XmlValue } from './wire/xml.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** STS's query API of 2011-06-15: GetCallerIdentity, AssumeRole and AssumeRoleWithWebIdentity. */
export class Sts {
  readonly #identity: Identity;

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  operation(request: WireRequest): string {
    return parameters(request).get('Action') ?? '';
  }

  /** The one call that is not signed: the web identity token says who calls. */
  isUnsigned(request: WireRequest): boolean {
    return this.operation(request) === 'AssumeRoleWithWebIdentity';
  }

  answer(request: WireRequest, principal: Principal | undefined): WireResponse {
    const given = parameters(request);
    const action = given.get('Action');
    if (action === 'AssumeRoleWithWebIdentity') return this.#assumeWithWebIdentity(given);
    if (!principal) throw new Error('unsigned');
    if (action === 'GetCallerIdentity') {
      return result(action, {
        Arn: principal.arn,
        UserId: principal.userId,
        Account: accountOf(principal.arn),
      });
    }
    if (action === 'AssumeRole') return this.#assume(given, principal);
    throw new AwsError(
      400,
      'InvalidAction',
      `Could not find operation ${action} for version 2011-06-15`,
    );
  }

  refuse({ status, headers, ...said }: Refusal): WireResponse {
    const { code, message } = { ...defaultRefusal(status), ...said };
    const response = errorResponse(new AwsError(status, code, message));
    return { ...response, headers: { ...response.headers, ...headers } };
  }

  #assume(given: URLSearchParams, caller: Principal): WireResponse {
    const arn = required(given, 'RoleArn', /^arn:aws[\w-]*:iam::\d{12}:role\/.+$/);
    const session = required(given, 'RoleSessionName', /^[\w+=,.@-]{2,64}$/);
    const seconds = Number(given.get('DurationSeconds') ?? 3600);
    const role = this.#identity.assume(
      caller,
      arn,
      session,
      seconds,
      given.get('ExternalId') ?? undefined,
    );
    return result('AssumeRole', credentials(role));
  }

  #assumeWithWebIdentity(given: URLSearchParams): WireResponse {
    const arn = required(given, 'RoleArn', /^arn:/);
    const session = required(given, 'RoleSessionName', /^[\w+=,.@-]{2,64}$/);
    required(given, 'WebIdentityToken', /./);
    const role = this.#identity.role(arn);
    if (!role) {
      throw new AwsError(
        403,
        'AccessDenied',
        'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      );
    }
    return result('AssumeRoleWithWebIdentity', credentials(this.#identity.issue(role, session)));
  }
}

function parameters(request: WireRequest): URLSearchParams {
  return request.method === 'POST' ? new URLSearchParams(request.body.toString()) : request.query;
}

function required(given: URLSearchParams, name: string, form: RegExp): string {
  const value = given.get(name);
  if (value !== null && form.test(value)) return value;
  const member = name[0]?.toLowerCase() + name.slice(1);
  throw new AwsError(
    400,
    'ValidationError',
    value === null
      ? `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`
      : `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${form.source}`,
  );
}

function credentials(role: Required<Principal>): XmlValue {
  return {
    AssumedRoleUser: { AssumedRoleId: role.userId, Arn: role.arn },
    Credentials: {
      AccessKeyId: role.accessKeyId,
      SecretAccessKey: role.secretAccessKey,
      SessionToken: role.sessionToken,
      Expiration: role.expires.toISOString().replace(/\.\d+/, ''),
    },
  };
}

function result(action: string, value: XmlValue): WireResponse {
  const requestId = randomUUID();
  return {
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: writeXml(
      `${action}Response`,
      { [`${action}Result`]: value, ResponseMetadata: { RequestId: requestId } },
      NAMESPACE,
    ),
  };
}

export function errorResponse(error: AwsError): WireResponse {
  const requestId = randomUUID();
  return {
    status: error.status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: writeXml(
      'ErrorResponse',
      {
        Error: {
          Type: error.status < 500 ? 'Sender' : 'Receiver',
          Code: error.code,
          Message: error.message,
        },
        RequestId: requestId,
      },
      NAMESPACE,
    ),
  };
}
