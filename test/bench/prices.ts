/**
 * AWS's list prices in US dollars, us-east-1, as published in 2026 (seen in November 2026 in what quotes
 * aws.amazon.com/{lambda,sqs,eventbridge,cloudwatch}/pricing). Free tiers are left out.
 */
export const prices = {
  asOf: 'us-east-1, November 2026, without free tiers',
  lambda: {
    /** arm64. */
    gigabyteSecond: 0.0000133334,
    request: 0.2 / 1e6,
  },
  /** Sends, receives and deletes alike; a batch of ten is one. */
  sqsRequest: 0.4 / 1e6,
  eventbridge: {
    /** Events of AWS's own services on the default bus. */
    serviceEvent: 0,
    /** Handed on to a bus of another Region. */
    forwarded: 1 / 1e6,
    /** Rules on a schedule. */
    scheduled: 0,
  },
  cloudwatch: {
    /** Standard resolution, a month. */
    alarm: 0.1,
    /** A name and its dimensions, a month. */
    metric: 0.3,
    logGigabyte: 0.5,
  },
} as const;

/** Lambda gives one whole processor at this size, and less in proportion (Lambda's Developer Guide, "memory"). */
const MB_PER_CPU = 1_769;

export const lambdaSizes = [128, 256, 512, 1_024] as const;

/** Duration and price of one run at a memory size, from the processor time and the waiting that it takes. */
export function priceOfRun(run: {
  readonly cpuMs: number;
  readonly waitMs: number;
  readonly memoryMB: number;
}): { readonly ms: number; readonly usd: number } {
  const ms = Math.ceil(run.cpuMs / Math.min(1, run.memoryMB / MB_PER_CPU) + run.waitMs);
  const gigabyteSeconds = (run.memoryMB / 1024) * (ms / 1000);
  return { ms, usd: gigabyteSeconds * prices.lambda.gigabyteSecond + prices.lambda.request };
}
