import { Fault } from '../fault.ts';
import type { Snapshot } from './documents.ts';
import { placeText } from './place-text.ts';

/** What Kubernetes allows the values of a ConfigMap or Secret together (core/v1, MaxSecretSize). */
const MAX_OBJECT_BYTES = 1024 * 1024;

/** Refuses a text with which the object would be larger than Kubernetes takes. Throws `object-too-large`. */
export function withinLimit({ location, otherBytes }: Snapshot, text: string): void {
  const bytes = otherBytes + Buffer.byteLength(text);
  if (location.kind === 'file' || bytes <= MAX_OBJECT_BYTES) return;
  throw new Fault(
    'object-too-large',
    `${placeText(location)} would make the object ${bytes} bytes large, and ${MAX_OBJECT_BYTES} is the limit`,
  );
}
