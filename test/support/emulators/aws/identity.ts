import { randomBytes, randomUUID } from 'node:crypto';
import type { WireRequest } from '../wire/server.ts';
import { amzDate, fits, readSignature, type Signature } from '../wire/signature.ts';
import { AwsError } from './error.ts';

/** Who signs with an access key. */
export interface Principal {
  readonly accessKeyId: string;
  /** Without it the signature is not checked. */
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  /** `arn:aws:iam::123456789012:user/x`, or `arn:aws:sts::123456789012:assumed-role/x/session` */
  readonly arn: string;
  readonly userId: string;
  readonly expires?: Date;
}

export interface Role {
  /** `arn:aws:iam::123456789012:role/x` */
  readonly arn: string;
  /** sts:ExternalId of the trust policy. */
  readonly externalId?: string;
  /** ARNs that the trust policy names (users, roles, account roots); default: everybody. */
  readonly trusts?: readonly string[];
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** An identity-based policy. Conditions are not evaluated; NotAction and NotResource are not known. */
export interface PolicyDocument {
  readonly Statement: Statement | readonly Statement[];
}

/** AWS refuses signatures that are further from its clock. */
const MAX_SKEW_MS = 5 * 60_000;

/**
 * Access keys, roles and policies. An unknown access key is a user of `account` whose signature is not checked and
 * who may do everything, so that a test can use any credentials it likes.
 */
export class Identity {
  readonly account: string;
  /** Refuse access keys nobody registered. */
  strict = false;
  now: () => number = Date.now;
  readonly #principals = new Map<string, Principal>();
  readonly #roles = new Map<string, Role>();
  readonly #policies = new Map<string, Statement[]>();

  constructor(account = '123456789012') {
    this.account = account;
  }

  /** Registers an access key; the signature is then checked. Default ARN: a user of the account named by the key. */
  addKey(key: Omit<Principal, 'arn' | 'userId'> & { readonly arn?: string }): Principal {
    const principal = {
      arn: `arn:aws:iam::${this.account}:user/${key.accessKeyId}`,
      userId: `AIDA${key.accessKeyId}`,
      ...key,
    };
    this.#principals.set(principal.accessKeyId, principal);
    return principal;
  }

  /** From now on this key's requests get ExpiredToken. */
  expire(accessKeyId: string): void {
    this.#principals.set(accessKeyId, { ...this.principal(accessKeyId), expires: new Date(0) });
  }

  addRole(role: Role): void {
    this.#roles.set(role.arn, role);
  }

  /** With a policy, a principal (ARN of a user or a role) may do only what its policies allow. */
  attach(arn: string, policy: PolicyDocument): void {
    const statements = [policy.Statement].flat() as Statement[];
    this.#policies.set(arn, [...(this.#policies.get(arn) ?? []), ...statements]);
  }

  /** Denies an action to a principal's ARN, or to everybody. Example: `deny('route53:GetHostedZone')`. */
  deny(action: string, { resource = '*', arn = '*' } = {}): void {
    this.attach(arn, { Statement: { Effect: 'Deny', Action: action, Resource: resource } });
  }

  allowAgain(arn = '*'): void {
    this.#policies.delete(arn);
  }

  principal(accessKeyId: string): Principal {
    return (
      this.#principals.get(accessKeyId) ?? {
        accessKeyId,
        arn: `arn:aws:iam::${this.account}:user/${accessKeyId}`,
        userId: `AIDA${accessKeyId}`,
      }
    );
  }

  /** Throws the error AWS gives; the codes are those of the query and REST-XML services. */
  authenticate(request: WireRequest, signature = readSignature(request)): Principal {
    if (!signature) {
      throw new AwsError(403, 'MissingAuthenticationToken', 'Missing Authentication Token');
    }
    if (this.strict && !this.#principals.has(signature.accessKeyId)) throw invalidToken();
    const principal = this.principal(signature.accessKeyId);
    if (principal.sessionToken !== undefined && principal.sessionToken !== signature.sessionToken) {
      throw invalidToken();
    }
    if (principal.expires && principal.expires.getTime() <= this.now()) {
      throw new AwsError(
        403,
        'ExpiredToken',
        'The security token included in the request is expired',
      );
    }
    this.#checkDate(signature);
    if (principal.secretAccessKey && !fits(signature, request, principal.secretAccessKey)) {
      throw new AwsError(
        403,
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      );
    }
    return principal;
  }

  #checkDate({ date, presigned }: Signature): void {
    const skew = this.now() - amzDate(date);
    if (Math.abs(skew) <= (presigned ? 15 * 60_000 : MAX_SKEW_MS)) return;
    throw new AwsError(
      403,
      'SignatureDoesNotMatch',
      `Signature expired: ${date} is now earlier than ${new Date(this.now() - MAX_SKEW_MS).toISOString().replace(/[-:]|\.\d+/g, '')}`,
    );
  }

  /** Throws AccessDenied with AWS's own sentence. */
  authorize(principal: Principal, action: string, resource: string): void {
    const own = this.#policies.get(policyArn(principal.arn)) ?? [];
    const fitting = [...own, ...(this.#policies.get('*') ?? [])].filter(
      (one) => covers(one.Action, action) && covers(one.Resource, resource),
    );
    const denied = fitting.some((one) => one.Effect === 'Deny');
    const allowed = own.every((one) => one.Effect === 'Deny') || fitting.length > 0;
    if (allowed && !denied) return;
    throw new AwsError(
      403,
      'AccessDenied',
      `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${
        denied
          ? 'with an explicit deny in an identity-based policy'
          : `because no identity-based policy allows the ${action} action`
      }`,
    );
  }

  /** New temporary credentials of the role, if the caller and the trust policy agree. */
  assume(caller: Principal, arn: string, session: string, seconds: number, externalId?: string) {
    this.authorize(caller, 'sts:AssumeRole', arn);
    const role = this.#roles.get(arn);
    const trusted =
      role?.trusts?.some((one) =>
        [caller.arn, policyArn(caller.arn), `arn:aws:iam::${accountOf(caller.arn)}:root`].includes(
          one,
        ),
      ) ?? true;
    if (!role || !trusted || (role.externalId !== undefined && role.externalId !== externalId)) {
      throw new AwsError(
        403,
        'AccessDenied',
        `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      );
    }
    return this.issue(role, session, seconds);
  }

  /** Temporary credentials of a role, as AssumeRole hands them out. */
  issue({ arn }: Role, session: string, seconds = 3600): Required<Principal> {
    const name = arn.slice(arn.lastIndexOf('/') + 1);
    const principal = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(96).toString('base64'),
      arn: `arn:aws:sts::${accountOf(arn)}:assumed-role/${name}/${session}`,
      userId: `AROA${randomUUID().slice(0, 8).toUpperCase()}:${session}`,
      expires: new Date(this.now() + seconds * 1000),
    };
    this.#principals.set(principal.accessKeyId, principal);
    return principal;
  }

  role(arn: string): Role | undefined {
    return this.#roles.get(arn);
  }
}

/** The ARN policies and access entries know: a session's is that of its role. */
export function policyArn(arn: string): string {
  const session = /^arn:(aws[^:]*):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn);
  return session ? `arn:${session[1]}:iam::${session[2]}:role/${session[3]}` : arn;
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

function covers(patterns: string | readonly string[], text: string): boolean {
  return [patterns].flat().some((pattern) => {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${source}$`, 'i').test(text);
  });
}

function invalidToken(): AwsError {
  return new AwsError(
    403,
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
  );
}
