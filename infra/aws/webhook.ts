import { boundedBy } from './arn.ts';
import type { Deployment } from './deployment.ts';

/**
 * An incoming webhook (Slack and Mattermost accept the same JSON) without any code: CloudWatch sends alarm
 * state changes to EventBridge, and an API destination posts them.
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
    WebhookRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: `${name}-webhook`,
        Description: 'Sends alarms of federation-sync to the incoming webhook',
        EventPattern: {
          source: ['aws.cloudwatch'],
          'detail-type': ['CloudWatch Alarm State Change'],
          detail: { alarmName: [{ prefix: `${name}-` }], state: { value: ['ALARM'] } },
        },
        Targets: [
          {
            Id: 'webhook',
            Arn: { 'Fn::GetAtt': ['WebhookDestination', 'Arn'] },
            RoleArn: { 'Fn::GetAtt': ['WebhookRole', 'Arn'] },
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
            InputTransformer: {
              InputPathsMap: {
                alarm: '$.detail.alarmName',
                why: '$.detail.configuration.description',
                region: '$.region',
                account: '$.account',
              },
              InputTemplate: '{"text": "<alarm> in <region> of <account>: <why>"}',
            },
          },
        ],
      },
    },
  };
}
