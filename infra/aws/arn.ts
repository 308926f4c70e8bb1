/** ARNs and strings with CloudFormation pseudo parameters. */

export const aws = (pseudoParameter: string) => `\${AWS::${pseudoParameter}}`;

export const sub = (text: string) => ({ 'Fn::Sub': text });

/** The property of a role that carries this permissions boundary; none without a boundary. */
export const boundedBy = (boundary: string | undefined) =>
  boundary && {
    PermissionsBoundary: sub(`arn:${aws('Partition')}:iam::${aws('AccountId')}:policy/${boundary}`),
  };

export const arn = (service: string, resource: string) =>
  sub(`arn:${aws('Partition')}:${service}:${aws('Region')}:${aws('AccountId')}:${resource}`);
