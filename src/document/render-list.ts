import type { Format } from '../places/documents.ts';
import type { Target } from '../targets/target.ts';
import { blockList } from './block-list.ts';
import { ARTICLE_STYLE } from './list-style.ts';
import { plainScalar } from './scalar.ts';

/**
 * The list alone, as a person reads it: in the article's style whatever the document's own is, so that the
 * difference of two is one of meaning. '' for an empty list, otherwise with a line break at its end.
 */
export function renderList(targets: readonly Target[], format: Format): string {
  if (targets.length === 0) return '';
  if (format === 'thanos_endpoints') return endpointLines(targets.map(({ address }) => address));
  return `${blockList(targets, ARTICLE_STYLE, 0, '\n')}\n`;
}

export const endpointLines = (addresses: readonly string[]) =>
  addresses.map((address) => `- address: ${plainScalar(address)}\n`).join('');
