/**
 * What EventBridge delivers for calls of Route 53, in CloudTrail's own shape: external-dns changes a record,
 * somebody deletes a zone; and the variations that a rule must tell apart.
 */

export const zone = 'Z08214473FVAJ9QTLWTEC';

// biome-ignore lint/suspicious/noExplicitAny: events are altered freely.
export type CloudTrailEvent = any;

export const change: CloudTrailEvent = {
  version: '0',
  id: '4a6b8d2c-5c8e-6b1e-9a56-0c7b7f6f3c11',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.route53',
  account: '123456789012',
  time: '2026-11-02T10:15:31Z',
  region: 'us-east-1',
  resources: [],
  detail: {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLEEXAMPLE:external-dns',
      arn: 'arn:aws:sts::123456789012:assumed-role/external-dns/external-dns',
      accountId: '123456789012',
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          arn: 'arn:aws:iam::123456789012:role/external-dns',
          accountId: '123456789012',
          userName: 'external-dns',
        },
        attributes: { creationDate: '2026-11-02T10:00:00Z', mfaAuthenticated: 'false' },
      },
    },
    eventTime: '2026-11-02T10:15:30Z',
    eventSource: 'route53.amazonaws.com',
    eventName: 'ChangeResourceRecordSets',
    awsRegion: 'us-east-1',
    sourceIPAddress: '203.0.113.7',
    userAgent: 'ExternalDNS/v0.19.0 aws-sdk-go-v2/1.39.0',
    requestParameters: {
      hostedZoneId: zone,
      changeBatch: {
        changes: [
          {
            action: 'UPSERT',
            resourceRecordSet: {
              name: 'cluster4.prometheus.internal',
              type: 'A',
              aliasTarget: {
                hostedZoneId: 'Z32O12XQLNTSW2',
                dNSName: 'internal-k8s-prometheus-1234567890.eu-west-1.elb.amazonaws.com',
                evaluateTargetHealth: true,
              },
            },
          },
        ],
      },
    },
    responseElements: {
      changeInfo: {
        id: '/change/C2682N5HXP0BZ4',
        status: 'PENDING',
        submittedAt: 'Nov 2, 2026 10:15:30 AM',
      },
    },
    additionalEventData: { Note: 'Do not use to reconstruct hosted zone' },
    requestID: '1c5a4a8c-8a6d-4d5d-9d0b-d2f0f3a1c8f1',
    eventID: '5d4c2b1a-30a5-4f7e-8f3d-2b1b6e7f9a10',
    readOnly: false,
    eventType: 'AwsApiCall',
    apiVersion: '2013-04-01',
    managementEvent: true,
    recipientAccountId: '123456789012',
    eventCategory: 'Management',
  },
};

function altered(alter: (detail: CloudTrailEvent) => void, base = change): CloudTrailEvent {
  const event = structuredClone(base);
  alter(event.detail);
  return event;
}

const deletion = altered((detail) => {
  detail.eventName = 'DeleteHostedZone';
  detail.requestParameters = { id: zone };
});

/** Each event, and whether a rule for the zone lets it through. */
export const events: readonly { title: string; event: CloudTrailEvent; passes: boolean }[] = [
  { title: 'a change in the zone', event: change, passes: true },
  {
    title: 'a change that names the zone with its prefix',
    event: altered((detail) => {
      detail.requestParameters.hostedZoneId = `/hostedzone/${zone}`;
    }),
    passes: true,
  },
  { title: "the zone's deletion", event: deletion, passes: true },
  {
    title: "the zone's deletion with its prefix",
    event: altered((detail) => {
      detail.requestParameters.id = `/hostedzone/${zone}`;
    }, deletion),
    passes: true,
  },
  {
    title: 'a change too large to carry its parameters',
    event: altered((detail) => {
      detail.requestParameters = null;
    }),
    passes: true,
  },
  {
    title: 'a change whose parameters are left out',
    event: altered((detail) => {
      delete detail.requestParameters;
    }),
    passes: true,
  },
  {
    title: 'a change in another zone',
    event: altered((detail) => {
      detail.requestParameters.hostedZoneId = 'Z0000000OTHER';
    }),
    passes: false,
  },
  {
    title: "another zone's deletion",
    event: altered((detail) => {
      detail.requestParameters.id = 'Z0000000OTHER';
    }, deletion),
    passes: false,
  },
  {
    title: 'a change that was refused',
    event: altered((detail) => {
      detail.errorCode = 'AccessDenied';
      detail.errorMessage = 'User is not authorized to perform: route53:ChangeResourceRecordSets';
      detail.responseElements = null;
    }),
    passes: false,
  },
  {
    title: 'a new zone',
    event: altered((detail) => {
      detail.eventName = 'CreateHostedZone';
      detail.requestParameters = { name: 'other.internal', callerReference: '1' };
    }),
    passes: false,
  },
  {
    title: 'a change of tags',
    event: altered((detail) => {
      detail.eventName = 'ChangeTagsForResource';
      detail.requestParameters = { resourceType: 'hostedzone', resourceId: zone };
    }),
    passes: false,
  },
  {
    title: 'a call of another service',
    event: { ...change, source: 'aws.route53domains' },
    passes: false,
  },
];
