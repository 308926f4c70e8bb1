import leven from 'leven';

/** The candidate that a typo may stand for: at most two letters, or a third of them, differ; case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const distance = (candidate: string) => leven(word.toLowerCase(), candidate.toLowerCase());
  const [best] = candidates.toSorted((a, b) => distance(a) - distance(b));
  return best !== undefined && distance(best) <= Math.max(2, best.length / 3) ? best : undefined;
}
