import { jsonScalar, plainScalar } from '../scalar.ts';
import type { Target } from '../target.ts';
import { visible } from '../wording.ts';
import { unsayable } from './sayable.ts';

/**
 * How to keep these targets: an `also:` block to paste, as settings accept it, with what the job has in `also` already.
 * Targets that it cannot have are its comments.
 */
export function keeping(also: readonly Target[], leaving: readonly Target[], replace: string) {
  const block: Target[] = [];
  const comments: string[] = [];
  const targets = new Map([...leaving, ...also].map((target) => [target.address, target]));
  for (const [address, target] of targets) {
    const why = unsayable(target);
    if (why) comments.push(visible(`# ${JSON.stringify(address)} is not possible: ${why}`));
    else block.push(target);
  }
  if (leaving.every(unsayable)) {
    return { remedy: `They cannot be kept with also. Remove them: ${replace}`, details: comments };
  }
  const rest = comments.length > 0 ? ', except those in its comments' : '';
  const instead = also.length > 0 ? ", in place of the job's own" : '';
  return {
    remedy: `Keep them with the also: block${instead}${rest}, or remove them: ${replace}`,
    details: [...blockLines(block), ...comments],
  };
}

/** In double quotes where a line is shown with escapes, since only there they mean the same. */
function blockLines(also: readonly Target[]): string[] {
  const lines = (scalar: (text: string) => string) =>
    also.flatMap(({ address, labels }) => [
      '  - targets:',
      `      - ${scalar(address)}`,
      ...(Object.keys(labels).length > 0 ? ['    labels:'] : []),
      ...Object.entries(labels).map(([name, value]) => `      ${scalar(name)}: ${scalar(value)}`),
    ]);
  const plain = lines(plainScalar);
  const shown = plain.every((line) => line === visible(line)) ? plain : lines(jsonScalar);
  return shown.length === 0 ? ['also: []'] : ['also:', ...shown];
}
