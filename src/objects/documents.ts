import type { Run } from '../records/records.ts';

/** Where a document lives. */
export type Location =
  | {
      readonly kind: 'configMap' | 'secret';
      readonly namespace: string;
      readonly name: string;
      readonly key: string;
    }
  | {
      readonly kind: 'file';
      /** Absolute. */
      readonly path: string;
      /** As the settings write it, for reports. */
      readonly written?: string;
    };

/** How the list stands in its document. */
export type Format = 'static_configs' | 'file_sd' | 'scrape_configs' | 'thanos_endpoints';

/** A document as it was read, with all that its write needs to be refused if anyone else wrote meanwhile. */
export interface Snapshot {
  readonly location: Location;
  /** undefined: neither key nor object (or file) is there, and `create` allows that. */
  readonly text: string | undefined;
  /** The precondition of the write: resourceVersion, or a digest of the file. undefined: it must not exist yet. */
  readonly version: string | undefined;
  /** Jobs named by our annotation; undefined where there is none. Files have no such memory: 'always'. */
  readonly adopted: readonly string[] | 'always' | undefined;
  readonly paused: boolean;
  /** Bytes of the object's other values; with this document's they may be 1 MiB. 0 for a file. */
  readonly otherBytes: number;
}

/** What a write left behind. */
export interface Written {
  readonly status: 'written' | 'planned';
  /** The precondition of the next write: of this document, and of the others that were read with the same version. */
  readonly version: string | undefined;
}

/**
 * Reads and writes documents. A write with a stale version throws Fault `conflict`; one that may or may not
 * have arrived throws `write-unknown`. A dry run is another Documents.
 */
export interface Documents {
  read(location: Location, options: { create: boolean }, run: Run): Promise<Snapshot>;
  /** `managed`: the jobs our annotation shall name. */
  write(snapshot: Snapshot, text: string, managed: readonly string[], run: Run): Promise<Written>;
}
