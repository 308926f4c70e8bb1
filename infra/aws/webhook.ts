import { boundedBy } from './arn.ts';
import type { Deployment } from './deployment.ts';
import { RefusedSettings } from './settings.ts';

/**
 * Checks the parameter `webhook`. Its URL is a secret, and a value would be readable in the template, in the bucket and
 * in the arguments of the command, so only a reference is accepted. CloudFormation resolves references to Secrets
 * Manager in any property; `ssm-secure` only in a few, and an API destination's are not among them (CloudFormation
 * User Guide, "Get a secure string value from Systems Manager Parameter Store").
 * @throws RefusedSettings without the value
 */
export function secretReference(webhook: string, name: string): string {
  if (/^\{\{resolve:secretsmanager:[\w/+=.@:!-]+\}\}$/.test(webhook)) return webhook;
  throw new RefusedSettings(
    'Parameter webhook must be a reference to a secret. Store the URL in Secrets Manager ' +
      `(aws secretsmanager create-secret --name ${name}/webhook --secret-string file://webhook.txt) ` +
      `and set webhook={{resolve:secretsmanager:${name}/webhook}}.`,
  );
}

/**
 * An incoming webhook (Slack and Mattermost accept the same JSON) without any code: CloudWatch sends alarm
 * state changes to EventBridge, and an API destination posts them. The rules are in webhook-rules.ts.
 */
export function webhookResources(
  endpoint: string,
  { name, region, boundary }: Pick<Deployment, 'name' | 'region' | 'boundary'>,
) {
  return {
    WebhookConnection: {
      Type: 'AWS::Events::Connection',
      Properties: {
        Name: `${name}-webhook`,
        // The webhook's URL is its secret, but a connection requires a header.
        AuthorizationType: 'API_KEY',
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Sent-By', ApiKeyValue: name } },
      },
    },
    WebhookDestination: {
      Type: 'AWS::Events::ApiDestination',
      Properties: {
        Name: `${name}-webhook`,
        ConnectionArn: { 'Fn::GetAtt': ['WebhookConnection', 'Arn'] },
        HttpMethod: 'POST',
        InvocationEndpoint: endpoint,
        InvocationRateLimitPerSecond: 1,
      },
    },
    WebhookRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        // A fixed name, so that deploy-role.yml can name it.
        RoleName: `${name}-${region}-webhook`,
        ...boundedBy(boundary),
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sts:AssumeRole',
              Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
            },
          ],
        },
        Policies: [
          {
            PolicyName: 'post',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Action: ['events:InvokeApiDestination'],
                  Resource: [{ 'Fn::GetAtt': ['WebhookDestination', 'Arn'] }],
                },
              ],
            },
          },
        ],
      },
    },
  };
}
