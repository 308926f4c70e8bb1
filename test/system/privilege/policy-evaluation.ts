/**
 * IAM's evaluation of identity-based policies with a permissions boundary, for the part of the policy language that
 * infra/aws uses; anything else throws, so that a policy cannot pass because a part of it was not read.
 *
 *     explicit Deny, in either   ->  denied
 *     Allow in the policies, and in the boundary if there is one  ->  allowed
 *     otherwise  ->  denied
 *
 * (IAM User Guide, "Policy evaluation logic" and "Permissions boundaries for IAM entities".) Why not a library: moto's
 * enforcement has neither boundaries nor NotResource, and denies where a condition does not hold instead of passing over the
 * statement (its access_control.py); the simulators that have them are AGPL, and IAM's own needs an account.
 */

type OneOrMore<T> = T | readonly T[];
type Condition = Readonly<Record<string, Readonly<Record<string, OneOrMore<string>>>>>;

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action?: OneOrMore<string>;
  readonly NotAction?: OneOrMore<string>;
  readonly Resource?: OneOrMore<string>;
  readonly NotResource?: OneOrMore<string>;
  readonly Condition?: Condition;
}

export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

export interface Request {
  /** `iam:CreateRole` */
  readonly action: string;
  /** ARN, or `*` where the action has no resource. */
  readonly resource: string;
  /** Condition keys of the request; a missing key is not in the request. */
  readonly context?: Readonly<Record<string, OneOrMore<string>>>;
}

/** Whether the request is allowed by the policies, within the boundary if one is given. */
export function allows(policies: readonly Policy[], request: Request, boundary?: Policy): boolean {
  const decide = (statements: readonly Statement[]) => {
    const matching = statements.filter((statement) => applies(statement, request));
    if (matching.some(({ Effect }) => Effect === 'Deny')) return false;
    return matching.some(({ Effect }) => Effect === 'Allow');
  };
  const identity = decide(policies.flatMap(({ Statement }) => Statement));
  return identity && (boundary === undefined || decide(boundary.Statement));
}

/** Whether a trust policy's statement accepts this request; the principal is not compared. */
export function trusts(policy: Policy, request: Omit<Request, 'resource'>): boolean {
  const statements = policy.Statement.map((statement) => ({ ...statement, Resource: '*' }));
  return allows([{ ...policy, Statement: statements }], { ...request, resource: '*' });
}

const known = new Set([
  ...['Sid', 'Effect', 'Principal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
]);

function applies(statement: Statement, { action, resource, context = {} }: Request): boolean {
  for (const key of Object.keys(statement))
    if (!known.has(key)) throw new Error(`The evaluation does not know the element ${key}.`);
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  // Actions are not case-sensitive, ARNs are.
  const isAction = (pattern: string) => like(pattern.toLowerCase(), action.toLowerCase());
  const isResource = (pattern: string) => pattern === '*' || arnLike(pattern, resource);
  return (
    matchesEither(Action, NotAction, isAction) &&
    matchesEither(Resource, NotResource, isResource) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, list(wanted), context[key])),
    )
  );
}

function matchesEither(
  some: OneOrMore<string> | undefined,
  none: OneOrMore<string> | undefined,
  matches: (pattern: string) => boolean,
): boolean {
  if ((some === undefined) === (none === undefined))
    throw new Error('A statement must have one of an element and its Not form.');
  return some === undefined ? !list(none!).some(matches) : list(some).some(matches);
}

const operators: Record<string, (wanted: string, actual: string) => boolean> = {
  StringEquals: (wanted, actual) => wanted === actual,
  StringLike: like,
  ArnEquals: arnLike,
  ArnLike: arnLike,
};

/** One operator and key of a condition. A key that the request lacks fails a positive operator and passes a negated one. */
function holds(
  operator: string,
  wanted: readonly string[],
  actual: OneOrMore<string> | undefined,
): boolean {
  const [, anyValue, negated, name] = /^(ForAnyValue:)?(?:(StringNot)|)(.*)$/.exec(operator)!;
  const compare = operators[negated ? `String${name}` : name!];
  if (!compare) throw new Error(`The evaluation does not know the operator ${operator}.`);
  if (actual === undefined) return Boolean(negated);
  const values = list(actual);
  if (!anyValue && values.length !== 1)
    throw new Error(`${operator} compares a single value, but the request has ${values.length}.`);
  const found = values.some((value) => wanted.some((one) => compare(one, value)));
  return negated ? !found : found;
}

/** `*` is any number of characters, `?` is one; both cross `/` and `:`. */
function like(pattern: string, text: string): boolean {
  const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
}

/** Part by part, so that `arn:aws:iam::*:role/a` is for any account; the sixth part is the rest. */
function arnLike(pattern: string, arn: string): boolean {
  const parts = (text: string) => {
    const all = text.split(':');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const [wanted, actual] = [parts(pattern), parts(arn)];
  return wanted.every((part, at) => like(part, actual[at]!));
}

const list = <T>(value: OneOrMore<T>): readonly T[] =>
  Array.isArray(value) ? value : [value as T];
