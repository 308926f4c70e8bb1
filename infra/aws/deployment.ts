/** What of a deployment its resources depend on, beside the settings. */
export interface Deployment {
  /** Function, queue and alarms are called by it. */
  readonly name: string;
  readonly region: string;
  readonly inVpc: boolean;
  /** Minutes without a good run until a job's alarm goes off. */
  readonly silence: number;
}
