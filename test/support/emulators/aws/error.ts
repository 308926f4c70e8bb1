/** A refusal by an AWS service; each protocol writes it in its own shape. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What a service says with a status when a test names nothing else. */
export function defaultRefusal(status: number): { code: string; message: string } {
  return (
    REFUSALS[status] ?? {
      code: `Refused${status}`,
      message: `The request was refused (${status}).`,
    }
  );
}

const REFUSALS: Record<number, { code: string; message: string }> = {
  // Route 53 and STS throttle with a 400, not with a 429.
  400: { code: 'Throttling', message: 'Rate exceeded' },
  401: {
    code: 'UnauthorizedOperation',
    message: 'You are not authorized to perform this operation.',
  },
  403: {
    code: 'AccessDenied',
    message: 'User is not authorized to perform this action',
  },
  404: { code: 'NoSuchHostedZone', message: 'No hosted zone found' },
  409: { code: 'ConflictingDomainExists', message: 'The request conflicts with another.' },
  413: { code: 'RequestEntityTooLarge', message: 'Request entity too large' },
  422: { code: 'ValidationError', message: 'The request could not be processed.' },
  429: { code: 'TooManyRequestsException', message: 'Too Many Requests' },
  500: {
    code: 'InternalFailure',
    message: 'The request processing has failed because of an unknown error, exception or failure.',
  },
  503: {
    code: 'ServiceUnavailable',
    message: 'The request has failed due to a temporary failure of the server.',
  },
};
