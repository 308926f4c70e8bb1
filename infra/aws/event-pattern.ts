import type { Settings } from '../../src/job.ts';
import { zonesOf } from '../../src/policy.ts';

/**
 * The events that can mean new records in these zones, as CloudTrail writes them. A zone is named with or
 * without its prefix, under `hostedZoneId` when its records change and under `id` when it is deleted; a
 * large event can come without request parameters and then means any zone.
 * us-east-1.yml and other-account.yml say the same in CloudFormation's words.
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

// A pattern may have 2,048 characters; ten zones take some 1,600.
const zonesPerRule = 10;

/** One pattern for each ten zones; none where no job reads a zone. */
export function eventPatterns(settings: Settings) {
  const zones = [...new Set(zonesOf(settings).map((zone) => zone.id))].sort();
  const patterns = [];
  for (let at = 0; at < zones.length; at += zonesPerRule)
    patterns.push(eventPattern(zones.slice(at, at + zonesPerRule)));
  return patterns;
}
