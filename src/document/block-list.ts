import { plainScalar } from '../scalar.ts';
import type { ListStyle } from './indentation.ts';
import type { TargetGroup } from './target-groups.ts';

/**
 * Target groups as a block list, without the indentation of the first line and
 * without a final line break. `column` is that of the dashes. In the article's style, at column 2:
 *
 *     - targets:
 *         - prometheus1.example.com.     (nested: 0 puts this dash under the t of targets)
 *         labels:
 *           clusterID: cluster1
 */
export function blockList(
  groups: readonly TargetGroup[],
  style: ListStyle,
  column: number,
  lineBreak: string,
): string {
  const dash = `-${' '.repeat(style.dash - 1)}`;
  const field = ' '.repeat(column + style.dash);
  const address = `${field}${' '.repeat(style.nested)}- `;
  const label = `${field}${' '.repeat(style.label)}`;
  const texts = groups.map(({ addresses, labels }) => {
    let lines = `${dash}targets:`;
    for (const target of addresses) lines += `${lineBreak}${address}${plainScalar(target)}`;
    const names = Object.keys(labels);
    if (names.length > 0) lines += `${lineBreak}${field}labels:`;
    for (const name of names) {
      const value = plainScalar(labels[name] as string);
      lines += `${lineBreak}${label}${plainScalar(name)}: ${value}`;
    }
    return lines;
  });
  return texts.join(`${lineBreak}${' '.repeat(column)}`);
}
