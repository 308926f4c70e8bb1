/**
 * Whether a rule's event pattern matches an event. Only the operators that patterns for Route 53 use are evaluated;
 * any other is assumed to match, so that a rule is never reported as missing because it is written another way.
 *
 *     { a: ['x', 'y'] }            a is x or y            { a: [{ exists: false }] }    there is no a
 *     { a: [{ prefix: 'x' }] }     a begins with x        { $or: [P, Q] }               P or Q matches
 *
 * An array in the event matches if one of its values does.
 * Source: Amazon EventBridge User Guide, "Event patterns" and "Comparison operators".
 */
export function matchesEvent(pattern: unknown, event: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return false;
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or' && Array.isArray(wanted))
      return wanted.some((one) => matchesEvent(one, event));
    const value = (event as Readonly<Record<string, unknown>> | undefined)?.[key];
    if (!Array.isArray(wanted)) return matchesEvent(wanted, value);
    return wanted.some((one) => matchesValue(one, value));
  });
}

function matchesValue(wanted: unknown, value: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) {
    return Array.isArray(value) ? value.includes(wanted) : value === wanted;
  }
  if ('exists' in wanted) return wanted.exists === (value !== undefined);
  if ('prefix' in wanted && typeof wanted.prefix === 'string') {
    return typeof value === 'string' && value.startsWith(wanted.prefix);
  }
  return true;
}

/** What EventBridge receives when a record of that zone changes, as far as patterns look at it. */
export function changeEvent(zone: string) {
  return {
    source: 'aws.route53',
    'detail-type': 'AWS API Call via CloudTrail',
    region: 'us-east-1',
    detail: {
      eventSource: 'route53.amazonaws.com',
      eventName: 'ChangeResourceRecordSets',
      awsRegion: 'us-east-1',
      readOnly: false,
      managementEvent: true,
      eventType: 'AwsApiCall',
      eventCategory: 'Management',
      requestParameters: { hostedZoneId: zone },
    },
  };
}
