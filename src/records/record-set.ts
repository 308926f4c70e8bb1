/** The fields of a Route 53 resource record set that are used; `name` as Route 53 returns it (octal escapes, final dot). */
export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly setIdentifier?: string;
}
