import { account, parametersOf, pseudo, readTemplate, resolve } from '../infra/intrinsics.ts';
import { allows, type Policy, type Request } from './policy-evaluation.ts';

export const region = 'eu-west-1';
const provider = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;

/** infra/aws/deploy-role.yml as deployed for a stage. */
export function deployRole(given: Record<string, string> = {}, { partition = 'aws' } = {}) {
  const template = readTemplate('deploy-role');
  const required = {
    Repository: 'octo-org/octo-repo',
    RepositoryId: '456789',
    RepositoryOwnerId: '123456',
  };
  const parameters = parametersOf(template, { ...required, ...given });
  const boundaryArn = `arn:${partition}:iam::${account}:policy/federation-sync-${parameters.Stage}-${region}-boundary`;
  const values = {
    refs: { ...parameters, ...pseudo(region, partition), Boundary: boundaryArn, GitHub: provider },
    conditions: template.Conditions,
  };
  const properties = (id: string) => resolve(template.Resources[id].Properties, values);
  const role = properties('DeployRole');
  const policies: Policy[] = role.Policies.map(
    (it: { PolicyDocument: Policy }) => it.PolicyDocument,
  );
  return {
    template,
    arn: `arn:${partition}:iam::${account}:role/${role.RoleName}`,
    trust: role.AssumeRolePolicyDocument as Policy,
    policies,
    boundaryArn,
    boundaryName: properties('Boundary').ManagedPolicyName as string,
    boundary: properties('Boundary').PolicyDocument as Policy,
    allows: (request: Request) => allows(policies, request),
  };
}
