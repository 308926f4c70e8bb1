/** ARNs and strings with CloudFormation pseudo parameters. */

export const aws = (pseudoParameter: string) => `\${AWS::${pseudoParameter}}`;

export const sub = (text: string) => ({ 'Fn::Sub': text });

export const arn = (service: string, resource: string) =>
  sub(`arn:${aws('Partition')}:${service}:${aws('Region')}:${aws('AccountId')}:${resource}`);
