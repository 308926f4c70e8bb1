import type { Settings } from '../../src/job.ts';
import { zonesOf } from '../../src/policy.ts';

/**
 * Matches the CloudTrail events that can change records in these zones. The zone id, with or without its
 * prefix, is in `hostedZoneId` when records change and in `id` when the zone is deleted; a large event can
 * omit the request parameters, and then any zone may have changed.
 * us-east-1.yml and other-account.yml have the same pattern in CloudFormation.
 */
export function eventPattern(zones: readonly string[]) {
  const ids = [...zones, ...zones.map((zone) => `/hostedzone/${zone}`)];
  const absent = [{ exists: false }];
  return {
    source: ['aws.route53'],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: ['route53.amazonaws.com'],
      eventName: ['ChangeResourceRecordSets', 'DeleteHostedZone'],
      errorCode: absent,
      $or: [
        { requestParameters: { hostedZoneId: ids } },
        { requestParameters: { id: ids } },
        { requestParameters: { hostedZoneId: absent, id: absent } },
      ],
    },
  };
}

// A pattern is limited to 2,048 characters; ten zones need about 1,600.
const zonesPerRule = 10;

/** One pattern for every ten zones; none if no job reads a zone. */
export function eventPatterns(settings: Settings) {
  const zones = [...new Set(zonesOf(settings).map((zone) => zone.id))].sort();
  const patterns = [];
  for (let at = 0; at < zones.length; at += zonesPerRule)
    patterns.push(eventPattern(zones.slice(at, at + zonesPerRule)));
  return patterns;
}
