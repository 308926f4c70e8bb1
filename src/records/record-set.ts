/** What the product needs of a Route 53 resource record set; `name` as Route 53 gives it (octal escapes, final dot). */
export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly setIdentifier?: string;
}
