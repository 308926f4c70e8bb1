/**
 * An incoming webhook (Slack and Mattermost accept the same JSON) without any code: CloudWatch sends alarm
 * state changes to EventBridge, and an API destination posts them. The rules are in webhook-rules.ts.
 */
export function webhookResources(endpoint: string, name: string) {
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
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sts:AssumeRole',
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
