/** What is used of a Route 53 resource record set; `name` as Route 53 returns it (octal escapes, final dot). */
export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly setIdentifier?: string;
  /** The values that are loopback or link-local addresses; missing if there is none. */
  readonly localValues?: readonly string[];
}
