interface Partition {
  readonly dnsSuffix: string;
  readonly dualStackSuffix: string;
}

const AWS: Partition = { dnsSuffix: 'amazonaws.com', dualStackSuffix: 'api.aws' };

/**
 * By prefix of the Region; all others, those of GovCloud among them, have the suffixes of the partition `aws`.
 *
 * Source: partitions.json of botocore
 */
const OTHERS: readonly (readonly [prefix: string, Partition])[] = [
  ['cn-', { dnsSuffix: 'amazonaws.com.cn', dualStackSuffix: 'api.amazonwebservices.com.cn' }],
  ['us-iso-', { dnsSuffix: 'c2s.ic.gov', dualStackSuffix: 'api.aws.ic.gov' }],
  ['us-isob-', { dnsSuffix: 'sc2s.sgov.gov', dualStackSuffix: 'api.aws.scloud' }],
  ['us-isof-', { dnsSuffix: 'csp.hci.ic.gov', dualStackSuffix: 'api.aws.hci.ic.gov' }],
  ['eu-isoe-', { dnsSuffix: 'cloud.adc-e.uk', dualStackSuffix: 'api.cloud-aws.adc-e.uk' }],
  ['eusc-', { dnsSuffix: 'amazonaws.eu', dualStackSuffix: 'api.amazonwebservices.eu' }],
];

/** The DNS suffixes of a Region's endpoints. */
export function partitionOf(region: string): Partition {
  return OTHERS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? AWS;
}
