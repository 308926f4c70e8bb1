import { dump } from 'js-yaml';
import type { Target } from '../target.ts';
import { visible } from '../wording.ts';
import { unsayable } from './sayable.ts';

/**
 * How to keep these targets: an `also:` block to paste, as settings accept it, with what the job has in `also` already.
 * Targets that it cannot have are its comments.
 */
export function keeping(also: readonly Target[], leaving: readonly Target[], replace: string) {
  const targets = new Map([...leaving, ...also].map((target) => [target.address, target]));
  const unsaid = [...targets.values()].flatMap((target) => {
    const why = unsayable(target);
    return why === undefined ? [] : [{ target, why }];
  });
  for (const { target } of unsaid) targets.delete(target.address);
  const comments = unsaid.map(
    ({ target, why }) =>
      `# ${visible(JSON.stringify(target.address))} is not possible: ${visible(why)}`,
  );
  if (targets.size === also.length) {
    return {
      remedy: `They cannot be kept with also. Remove them: ${replace}`,
      details: comments,
    };
  }
  const block = [...targets.values()].map(({ address, labels }) => ({
    targets: [address],
    ...(Object.keys(labels).length > 0 && { labels }),
  }));
  const rest = unsaid.length > 0 ? ', except those in its comments' : '';
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
  const plain = text(false);
  return (plain.split('\n').every((line) => line === visible(line)) ? plain : text(true)).split(
    '\n',
  );
}
