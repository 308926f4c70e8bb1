import type { SettingsFault } from './raw.ts';

/** Far more than anyone writes; bounds on what a few lines of nested aliases can expand to. */
const MOST_VALUES = 200_000;
const MOST_LEVELS = 100;

/** Whether the settings have too many values or levels; those behind aliases count each time. */
export function isTooMuch(raw: unknown): boolean {
  let level = [raw];
  let values = 0;
  for (let levels = 0; level.length > 0; levels++) {
    values += level.length;
    if (values > MOST_VALUES || levels > MOST_LEVELS) return true;
    const below: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      for (const inner of Object.values(value)) below.push(inner);
      if (below.length > MOST_VALUES) return true;
    }
    level = below;
  }
  return false;
}

/** Mappings of free keys that have `__proto__`: zod ignores that key silently. */
export function prototypeKeys(raw: unknown): SettingsFault[] {
  const faults: SettingsFault[] = [];
  const look = (value: unknown, path: SettingsFault['path']) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(key) : key];
      if (key === '__proto__' && path.at(-1) === 'labels') {
        faults.push({ path, found: key, expected: 'another label name' });
      }
      look(inner, at);
    }
  };
  look(raw, []);
  return faults;
}
