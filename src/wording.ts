/** `1 job`, `2 jobs` */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** `a, b`, or the first `most` of them: `a, b and 3 more`. */
export function firstOf(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** At most `most` characters, with an ellipsis if it was cut. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** In milliseconds, the largest first. */
const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

/** Whether a text is a duration such as `1h30m` or `0s`. */
export function isDuration(text: string): boolean {
  return DURATION.test(text);
}

export const DURATION = /^(?:\d{1,6}[smhd]){1,4}$/;

/** `1h30m` in milliseconds. */
export function durationOf(text: string): number {
  const parts = text.matchAll(/(\d+)([smhd])/g);
  return [...parts].reduce(
    (sum, [, n, unit]) => sum + Number(n) * UNITS[unit as keyof typeof UNITS],
    0,
  );
}

/** `1h`, `1h30m`, `0s` */
export function durationText(milliseconds: number): string {
  let rest = milliseconds;
  const parts = Object.entries(UNITS).map(([unit, size]) => {
    const n = Math.floor(rest / size);
    rest -= n * size;
    return n > 0 ? `${n}${unit}` : '';
  });
  return parts.join('') || '0s';
}

/**
 * Escapes text from outside, so that it cannot break a line, control a terminal or reorder what a reader sees: control
 * characters, those that change the writing direction or are invisible, line and paragraph separators. Inside a
 * string of JSON or of YAML in double quotes, the escapes mean the same characters.
 */
export function visible(text: string): string {
  // In units of UTF-16, as JSON escapes a character beyond U+FFFF.
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
