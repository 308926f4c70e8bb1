import { Fault } from '../fault.ts';

/** Keeps a byte order mark: bytes outside the managed block come out as they went in. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A document's bytes as text; Fault `document-broken` where they are not UTF-8, because the next write would
 * replace the bytes that could not be read.
 */
export function decodeText(bytes: Uint8Array, place: string): string | Fault {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    return new Fault('document-broken', `${place} is not UTF-8 text`, { cause });
  }
}
