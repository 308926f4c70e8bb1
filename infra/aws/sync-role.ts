import type { Settings } from '../../src/job.ts';
import { iamPolicy } from '../../src/policy.ts';
import { arn, aws, boundedBy, sub } from './arn.ts';
import type { Deployment } from './deployment.ts';

/** The function's execution role: the permissions for the settings, and those for running as a function. */
export function syncRole(settings: Settings, { name, region, inVpc, boundary }: Deployment) {
  const scope = { partition: aws('Partition'), account: aws('AccountId'), region: aws('Region') };
  const { Statement } = iamPolicy(settings, scope);
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      // A fixed name, so that access entries and roles in other accounts can refer to it in advance.
      RoleName: `${name}-${region}`,
      ...boundedBy(boundary),
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      },
      Policies: [
        {
          PolicyName: 'sync',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              ...Statement.map((statement) => ({
                ...statement,
                Resource: statement.Resource.map((text) =>
                  text.includes('${') ? sub(text) : text,
                ),
              })),
              {
                Sid: 'TakeMessages',
                Effect: 'Allow',
                Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
                Resource: [{ 'Fn::GetAtt': ['Queue', 'Arn'] }],
              },
              {
                Sid: 'WriteLogs',
                Effect: 'Allow',
                Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
                Resource: [arn('logs', `log-group:/aws/lambda/${name}:*`)],
              },
              ...(inVpc ? networkInterfaces(name) : []),
            ],
          },
        },
      ],
    },
  };
}

/** Lambda needs these to attach the function to the VPC; EC2 cannot restrict them to one network interface. */
function networkInterfaces(name: string) {
  const Action = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSubnets',
    'ec2:DescribeVpcs',
    'ec2:UnassignPrivateIpAddresses',
  ];
  return [
    { Sid: 'AttachToVpc', Effect: 'Allow', Action, Resource: ['*'] },
    {
      Sid: 'OnlyLambdaAttaches',
      Effect: 'Deny',
      Action,
      Resource: ['*'],
      Condition: {
        ArnEquals: {
          'lambda:SourceFunctionArn': [arn('lambda', `function:${name}`)],
        },
      },
    },
  ];
}
