import { asFault, Fault } from '../../fault.ts';
import type { Location } from '../../location.ts';
import type { KubernetesClient } from '../../objects/kubernetes/client.ts';
import { type KubernetesObject, textsOf } from '../../objects/kubernetes/object.ts';
import { collectionPath } from '../../objects/kubernetes/resource.ts';
import type { Run } from '../../run.ts';
import { firstOf, shellWord } from '../../wording.ts';
import { LIST_FLAGS } from './where.ts';

/** A ScrapeConfig that may have the list. */
export interface Candidate {
  readonly location: Extract<Location, { readonly kind: 'scrapeConfig' }>;
  readonly text: string;
}

/** A person who named no list may mean another cluster, or none. */
const TIME_LIMIT_S = 10;

/**
 * The ScrapeConfigs of a namespace, by name; at least one.
 *
 * @throws Fault `usage` with the reason: there are none, they cannot be listed, no cluster is configured
 */
export async function scrapeConfigsIn(
  namespace: string,
  client: KubernetesClient,
  run: Run,
): Promise<Candidate[]> {
  const kind = 'scrapeConfig';
  const path = collectionPath({ kind, namespace });
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(TIME_LIMIT_S * 1_000)]);
  const body = await client.request('GET', path, { ...run, signal }).catch((error) => {
    throw listMissing(whyNot(asFault(error), namespace), error);
  });
  const { items } = body as { items: (KubernetesObject & { metadata: { name: string } })[] };
  if (items.length === 0) throw listMissing(`namespace ${namespace} has no ScrapeConfig`);
  return items.map((item) => {
    const location = { kind, namespace, name: item.metadata.name } as const;
    return { location, text: textsOf(item, location).get('') as string };
  });
}

function whyNot({ code, message }: Fault, namespace: string): string {
  const failed = `ScrapeConfigs in namespace ${namespace} cannot be listed`;
  if (code === 'kubernetes-forbidden') return `${failed}: that needs list of scrapeconfigs`;
  if (code === 'deadline') return `${failed}: no answer within ${TIME_LIMIT_S} s`;
  return `${failed}: ${message.replace(/^could not .*?: /, '')}`;
}

/**
 * The one whose list has names of the zone.
 *
 * @throws Fault `usage`: none has, or several have, whose names the remedy shows
 */
export function onlyMatch(
  candidates: readonly Candidate[],
  matches: (candidate: Candidate) => boolean,
): Candidate {
  const matching = candidates.filter(matches);
  const [found, ...others] = matching;
  const names = candidates.map(({ location }) => location.name);
  if (!found) throw listMissing(`no target of ${firstOf(names, 3)} is a name of the zone`);
  if (others.length === 0) return found;
  const flags = matching.map(({ location }) => `--scrapeconfig ${shellWord(location.name)}`);
  throw new Fault(
    'usage',
    `${matching.length} ScrapeConfigs have targets that are names of the zone`,
    {
      remedy: `Choose one: ${flags.join(', or ')}.`,
    },
  );
}

/** @param why why none was found without its name */
function listMissing(why: string, cause?: unknown): Fault {
  const message = `init requires a list: ${LIST_FLAGS}. None is named, and ${why}`;
  const remedy = 'Name the list, or the namespace of its ScrapeConfig (--namespace).';
  return new Fault('usage', message, { remedy, cause });
}
