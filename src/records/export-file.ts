import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { Fault } from '../fault.ts';
import { localValues } from './local-values.ts';
import type { Listing } from './records.ts';

const Export = z.object({
  ResourceRecordSets: z.array(
    z.object({
      Name: z.string(),
      Type: z.string(),
      SetIdentifier: z.optional(z.string()),
      ResourceRecords: z.optional(z.array(z.object({ Value: z.string() }))),
    }),
  ),
  IsTruncated: z.optional(z.boolean()),
  NextToken: z.optional(z.string()),
});

/**
 * The record sets of a file that `aws route53 list-resource-record-sets` printed.
 *
 * @throws Fault `records-unreadable`, also for a truncated export (`--max-items`)
 */
export async function listExport(path: string): Promise<Listing> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const why =
      error instanceof SyntaxError
        ? 'is not JSON'
        : `cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw new Fault('records-unreadable', `the records file ${path} ${why}`, { cause: error });
  }
  const read = Export.safeParse(parsed);
  if (!read.success) {
    const at = read.error.issues[0]?.path.join('.') || 'its top';
    throw new Fault(
      'records-unreadable',
      `the records file ${path} is not an export of record sets (see ${at})`,
    );
  }
  if (read.data.IsTruncated || read.data.NextToken !== undefined) {
    throw new Fault('records-unreadable', `the records file ${path} is only part of the zone`, {
      remedy: 'Export it again without --max-items or --no-paginate.',
    });
  }
  const recordSets = read.data.ResourceRecordSets.map((set) => {
    const values = (set.ResourceRecords ?? []).map(({ Value }) => Value);
    const local = localValues(set.Type, values);
    return {
      name: set.Name,
      type: set.Type,
      setIdentifier: set.SetIdentifier,
      ...(local.length > 0 && { localValues: local }),
    };
  });
  return { recordSets, pages: 1 };
}
