/** How long changes wait in the queue, and how many of them become one run. */
export interface Batch {
  /** Seconds that a change waits for others. */
  readonly window: number;
  /** The most messages of one run. */
  readonly size: number;
  /** Seconds that a message is hidden while a run works on it. */
  readonly visibility: number;
}

/**
 * @param window seconds, 0 to 300; undefined if it is not
 * Source: AWS Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping": a batch of more than
 * 10 messages needs a window of at least 1 s; the visibility timeout should be six timeouts of the function, and the window.
 */
export function batchOf(window: number, timeout: number): Batch | undefined {
  if (!Number.isInteger(window) || window < 0 || window > 300) return undefined;
  return { window, size: window === 0 ? 10 : 1_000, visibility: 6 * timeout + window };
}

/** What the resources of a deployment depend on, in addition to the settings. */
export interface Deployment {
  /**
   * The name of the function and the queue, with the stage at its end; the prefix of every other name. Stages may be
   * prefixes of each other (`prod`, `prod-eu`), so a pattern must not match names by this prefix.
   */
  readonly name: string;
  readonly region: string;
  readonly inVpc: boolean;
  /** Whether alarms are posted to an incoming webhook. */
  readonly webhook: boolean;
  /** Name of the managed policy that bounds the permissions of the deployment's roles, if there is one. */
  readonly boundary?: string;
  /** The function's timeout in seconds. */
  readonly timeout: number;
  /** Minutes without a successful run before a job's alarm fires. */
  readonly silence: number;
  readonly batch: Batch;
}
