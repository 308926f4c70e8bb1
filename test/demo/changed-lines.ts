/**
 * The lines that differ, in order: `-` of the first text, `+` of the second. Where a change could be shown at several
 * places, it is at the first, so that an added group begins with its own `- targets:`.
 */
export function changedLines(before: string, after: string): string[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  // common[i][j]: the length of the longest common subsequence of the first i and the first j lines.
  const common = Array.from({ length: a.length + 1 }, () =>
    new Array<number>(b.length + 1).fill(0),
  );
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      (common[i] as number[])[j] =
        a[i - 1] === b[j - 1] ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1));
    }
  }
  const changed: string[] = [];
  let [i, j] = [a.length, b.length];
  while (i > 0 || j > 0) {
    if (i > 0 && j > 0 && a[i - 1] === b[j - 1]) {
      i -= 1;
      j -= 1;
    } else if (j > 0 && (i === 0 || at(i, j - 1) >= at(i - 1, j))) {
      changed.push(`+${b[--j]}`);
    } else {
      changed.push(`-${a[--i]}`);
    }
  }
  return changed.reverse();
}
