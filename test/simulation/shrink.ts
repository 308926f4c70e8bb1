import { type Action, actionsOf, play } from './history.ts';

/** The fewest actions of a history with which it still breaks a promise. */
export async function shrink(seed: number): Promise<readonly Action[]> {
  let actions = actionsOf(seed);
  for (let i = 0; i < actions.length; ) {
    const without = actions.toSpliced(i, 1);
    const { violations } = await play(seed, without);
    if (violations.length > 0) actions = without;
    else i += 1;
  }
  return actions;
}

/** A history as a person reads it, line by line, and what it breaks. */
export async function script(seed: number, actions: readonly Action[]): Promise<string[]> {
  const lines: string[] = [];
  const { violations } = await play(seed, actions, { log: (line) => lines.push(line) });
  const only = actions.map(({ id }) => id).join(',');
  return [
    ...lines,
    ...violations.map((violation) => `broken: ${violation}`),
    `to play it again: npm run test:simulate -- --seed ${seed} --only ${only}`,
  ];
}
