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
}
