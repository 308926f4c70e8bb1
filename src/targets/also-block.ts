import { dump } from 'js-yaml';
import type { Target } from '../target.ts';
import { visible } from '../wording.ts';
import { unsayable } from './sayable.ts';

/**
 * How to keep these targets: an `also:` block to paste, as settings accept it, with what the job has in `also` already.
 * Targets that it cannot have are its comments.
 */
export function keeping(also: readonly Target[], leaving: readonly Target[], replace: string) {
  const block: object[] = [];
  const comments: string[] = [];
  const targets = new Map([...leaving, ...also].map((target) => [target.address, target]));
  for (const [address, target] of targets) {
    const why = unsayable(target);
    const { labels } = target;
    if (why) comments.push(visible(`# ${JSON.stringify(address)} is not possible: ${why}`));
    else block.push({ targets: [address], ...(Object.keys(labels).length > 0 && { labels }) });
  }
  if (leaving.every(unsayable)) {
    return { remedy: `They cannot be kept with also. Remove them: ${replace}`, details: comments };
  }
  const rest = comments.length > 0 ? ', except those in its comments' : '';
  const instead = also.length > 0 ? ", in place of the job's own" : '';
  return {
    remedy: `Keep them with the also: block${instead}${rest}, or remove them: ${replace}`,
    details: [...blockLines({ also: block }), ...comments],
  };
}

/** In double quotes where a line is shown with escapes, since only there they mean the same. */
function blockLines(block: object): string[] {
  const text = (forceQuotes: boolean) =>
    dump(block, {
      lineWidth: -1,
      ...(forceQuotes && { forceQuotes, quoteStyle: 'double' }),
    }).trimEnd();
  const lines = text(false).split('\n');
  return lines.every((line) => line === visible(line)) ? lines : text(true).split('\n');
}
