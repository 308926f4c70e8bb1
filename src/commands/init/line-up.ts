/** How the names of clusters are made from ids: with this text before and after. */
export interface LineUp {
  readonly before: string;
  readonly after: string;
  /** The names that are made so from one of the ids, and that id. */
  readonly ids: ReadonlyMap<string, string>;
}

/**
 * The one text before and after the ids that explains most names; among equals the shortest.
 *
 *     ids eu-1, eu-2   names eu-1, eu-2, test             '' and '': eu-1, eu-2
 *     ids eu-1, eu-2   names prod-eu-1, prod-eu-2, test   'prod-' and '': prod-eu-1, prod-eu-2
 */
export function lineUp(ids: ReadonlySet<string>, names: readonly string[]): LineUp {
  let best: LineUp = { before: '', after: '', ids: new Map() };
  for (const [at, found] of waysToMake(ids, names)) {
    const [before = '', after = ''] = at.split('\n');
    const length = before.length + after.length - best.before.length - best.after.length;
    const more = found.size - best.ids.size;
    if (more > 0 || (more === 0 && length < 0)) best = { before, after, ids: found };
  }
  return best;
}

/** The names that each pair of texts explains, by `BEFORE\nAFTER`. */
function waysToMake(ids: ReadonlySet<string>, names: readonly string[]) {
  const ways = new Map<string, Map<string, string>>();
  for (const name of names) {
    for (const id of ids) {
      if (id === '') continue;
      for (let at = name.indexOf(id); at >= 0; at = name.indexOf(id, at + 1)) {
        const key = `${name.slice(0, at)}\n${name.slice(at + id.length)}`;
        const found = ways.get(key) ?? new Map<string, string>();
        ways.set(key, found.set(name, id));
      }
    }
  }
  return ways;
}
