/** What the resources of a deployment depend on, in addition to the settings. */
export interface Deployment {
  /** The name of the function and the queue; the prefix of the alarms' names. */
  readonly name: string;
  readonly region: string;
  readonly inVpc: boolean;
  /** Minutes without a successful run before a job's alarm fires. */
  readonly silence: number;
}
