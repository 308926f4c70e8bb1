/**
 * The rules that post to the incoming webhook when an alarm goes off (WebhookRule) and when it is over
 * (WebhookOverRule). They name each alarm: a prefix such as `federation-sync-prod-` would also match the alarms of
 * stage `prod-eu`.
 *
 * @returns rules by logical id, one more pair for every {@link mostNames} characters of names
 */
export function webhookRules(name: string, alarms: readonly string[]) {
  return Object.fromEntries(
    partsOf(alarms).flatMap((part, index) => {
      const number = index === 0 ? '' : String(index + 1);
      const suffix = index === 0 ? '' : `-${index + 1}`;
      return [
        [
          `WebhookRule${number}`,
          rule(`${name}-webhook${suffix}`, 'Posts alarms that go off to the incoming webhook', {
            detail: { alarmName: part, state: { value: ['ALARM'] } },
            template: '{"text": "<alarm> in <region> of <account>: <why>"}',
          }),
        ],
        [
          `WebhookOverRule${number}`,
          rule(`${name}-webhook-over${suffix}`, 'Posts alarms that are over to the webhook', {
            // A new alarm also changes its state, from INSUFFICIENT_DATA: nothing was wrong, and nothing is over.
            detail: {
              alarmName: part,
              state: { value: ['OK', 'INSUFFICIENT_DATA'] },
              previousState: { value: ['ALARM'] },
            },
            template: '{"text": "<alarm> in <region> of <account> is over."}',
          }),
        ],
      ];
    }),
  );
}

/** The fields are those of Amazon CloudWatch User Guide, "Alarm events and EventBridge". */
function rule(
  Name: string,
  Description: string,
  { detail, template }: { detail: object; template: string },
) {
  const paths = {
    alarm: '$.detail.alarmName',
    why: '$.detail.configuration.description',
    region: '$.region',
    account: '$.account',
  };
  const used = Object.entries(paths).filter(([key]) => template.includes(`<${key}>`));
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name,
      Description,
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        detail,
      },
      Targets: [
        {
          Id: 'webhook',
          Arn: { 'Fn::GetAtt': ['WebhookDestination', 'Arn'] },
          RoleArn: { 'Fn::GetAtt': ['WebhookRole', 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
          InputTransformer: { InputPathsMap: Object.fromEntries(used), InputTemplate: template },
        },
      ],
    },
  };
}

/** A pattern is limited to 2,048 characters (Amazon EventBridge quotas); apart from the names it has about 250. */
const mostNames = 1_700;

function partsOf(alarms: readonly string[]): string[][] {
  const parts: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const alarm of alarms) {
    const more = JSON.stringify(alarm).length + 1;
    if (length + more > mostNames) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(alarm);
    length += more;
  }
  return parts;
}
