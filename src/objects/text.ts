import { Fault } from '../fault.ts';

/** Keeps a byte order mark: bytes outside the managed block come out as they went in. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A document's bytes as text. Throws `document-broken` where they are not UTF-8: replacement characters
 * would be written back over what stood there.
 */
export function decodeText(bytes: Uint8Array, place: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new Fault('document-broken', `${place} is not UTF-8 text`, { cause });
  }
}
