import type { Documents, Location, Snapshot } from './documents.ts';
import { checkSize } from './kubernetes/object.ts';

export interface Places {
  readonly files: Documents;
  /** Asked once, when the first object is read: settings without objects need no cluster. */
  readonly objects: () => Documents;
}

/** All places behind one port, told apart by the location's kind. */
export function documentsOf({ files, objects }: Places): Documents {
  let opened: Documents | undefined;
  const of = ({ kind }: Location) => {
    if (kind === 'file') return files;
    opened ??= objects();
    return opened;
  };
  return {
    read: (location, options, run) => of(location).read(location, options, run),
    write: (snapshot, text, managed, run) =>
      of(snapshot.location).write(snapshot, text, managed, run),
  };
}

/** Reads as ever, and only says that it would write: what is too large is refused here too. */
export function dryRun(documents: Documents): Documents {
  return {
    read: (location, options, run) => documents.read(location, options, run),
    write: async ({ location, version, otherBytes }: Snapshot, text: string) => {
      if (location.kind !== 'file') checkSize(location, text, otherBytes);
      return { status: 'planned', version };
    },
  };
}
