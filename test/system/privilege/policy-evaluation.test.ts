import { describe, expect, test } from 'vitest';
import { allows, type Policy, type Request, type Statement } from './policy-evaluation.ts';

const policy = (...statements: (Partial<Statement> & Pick<Statement, 'Effect'>)[]): Policy => ({
  Version: '2012-10-17',
  Statement: statements as Statement[],
});
const everything = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
const create: Request = {
  action: 'iam:CreateRole',
  resource: 'arn:aws:iam::123456789012:role/sync-prod',
  context: { 'iam:PermissionsBoundary': 'arn:aws:iam::123456789012:policy/boundary' },
};
const bare: Request = { action: create.action, resource: create.resource };

describe('the evaluation of policies', () => {
  test('allows only what an Allow names', () => {
    expect(allows([], bare)).toBe(false);
    expect(allows([policy(everything)], bare)).toBe(true);
    const named = { Effect: 'Allow', Action: 'IAM:createrole', Resource: bare.resource } as const;
    expect(allows([policy(named)], bare)).toBe(true);
    expect(allows([policy(named)], { ...bare, action: 'iam:DeleteRole' })).toBe(false);
    expect(allows([policy(named)], { ...bare, resource: `${bare.resource}-eu` })).toBe(false);
    expect(allows([policy(named)], { ...bare, resource: bare.resource.toUpperCase() })).toBe(false);
  });

  test('lets a Deny win, in the policies and in the boundary', () => {
    const deny = policy({ Effect: 'Deny', Action: 'iam:*', Resource: '*' });
    expect(allows([policy(everything), deny], bare)).toBe(false);
    expect(allows([policy(everything)], bare, policy(everything))).toBe(true);
    expect(allows([policy(everything)], bare, policy(everything, ...deny.Statement))).toBe(false);
  });

  test('gives no more than the boundary, and nothing from the boundary alone', () => {
    const reads = policy({ Effect: 'Allow', Action: 'iam:Get*', Resource: '*' });
    expect(allows([policy(everything)], bare, reads)).toBe(false);
    expect(allows([], bare, policy(everything))).toBe(false);
  });

  test('reads NotAction and NotResource', () => {
    const others = (resource: string) =>
      policy(everything, { Effect: 'Deny', Action: '*', NotResource: resource });
    expect(allows([others(bare.resource)], bare)).toBe(true);
    expect(allows([others('arn:aws:iam::*:role/other')], bare)).toBe(false);
    const notIam = policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' });
    expect(allows([notIam], bare)).toBe(false);
    expect(allows([notIam], { ...bare, action: 's3:GetObject' })).toBe(true);
  });

  test.each([
    ['arn:aws:iam::*:role/sync-*', true],
    ['arn:aws:iam::123456789012:role/sync-pr?d', true],
    ['arn:aws:iam::123456789012:role/sync-', false],
    ['arn:aws:iam::*role/sync-prod', false],
    ['*', true],
  ])('compares ARNs part by part: %s', (Resource, allowed) => {
    expect(allows([policy({ ...everything, Resource })], bare)).toBe(allowed);
  });

  const boundary = create.context!['iam:PermissionsBoundary'] as string;
  test.each([
    ['StringEquals', boundary, true, false],
    ['StringEquals', 'arn:aws:iam::123456789012:policy/*', false, false],
    ['StringLike', 'arn:aws:iam::123456789012:policy/*', true, false],
    ['ArnLike', 'arn:aws:iam::*:policy/boundary', true, false],
    ['ArnEquals', boundary, true, false],
    ['StringNotEquals', boundary, false, true],
    ['StringNotEquals', 'another', true, true],
    ['ForAnyValue:StringEquals', boundary, true, false],
  ])(
    'reads %s %s; without the key the result is the last column',
    (operator, value, given, missing) => {
      const conditional = policy({
        ...everything,
        Condition: { [operator]: { 'iam:PermissionsBoundary': value } },
      });
      expect(allows([conditional], create)).toBe(given);
      expect(allows([conditional], bare)).toBe(missing);
    },
  );

  test('refuses what it cannot read', () => {
    const odd = policy({ ...everything, Condition: { NumericLessThan: { 'aws:x': '1' } } });
    expect(() => allows([odd], bare)).toThrow(/NumericLessThan/);
    const both = policy({ ...everything, NotAction: 'iam:*' });
    expect(() => allows([both], bare)).toThrow(/Not form/);
    const extra = policy({ ...everything, Principle: '*' } as never);
    expect(() => allows([extra], bare)).toThrow(/Principle/);
  });
});
