/**
 * Bytes that decide, one after the other, how a document is generated. Past the end every answer is 0, which
 * is always the plainest choice: so a shorter tape, or one of smaller bytes, is a simpler document, and
 * fast-check's shrinking of bytes finds the simplest one that fails.
 */
export class Tape {
  readonly #bytes: ArrayLike<number>;
  #next = 0;

  constructor(bytes: ArrayLike<number>) {
    this.#bytes = bytes;
  }

  /** 0 to n - 1. */
  number(n: number): number {
    return (this.#bytes[this.#next++] ?? 0) % n;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.number(choices.length)] as T;
  }

  /** True in `percent` of all cases, never past the end. */
  chance(percent: number): boolean {
    return this.number(100) >= 100 - percent;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const left = [...items];
    const shuffled: T[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.number(left.length), 1));
    return shuffled;
  }
}
