import { CLUSTER_LABEL, type Job, serviceSegment } from '../job.ts';
import { annotateCommand, PAUSED } from '../objects/objects.ts';
import { NUDGED } from '../objects/pods.ts';
import type { Verdict } from '../verify/verdict.ts';
import { shellWord } from '../wording.ts';
import type { Candidate } from './candidates.ts';
import { nameFor } from './name.ts';

/** Why a cluster is lost at a rung, and what to do about it: a command to paste where there is one. */
export interface Advice {
  readonly reason: string;
  readonly remedy: string;
  readonly since?: string | undefined;
}

type Stand = Verdict['targets'][number];

/** No record set gives the id. */
export function recordAdvice(
  job: Job,
  id: string,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
  verdicts: readonly Verdict[],
): Advice {
  const others = [...candidates.keys()].filter((other) => other !== id);
  const similar = others.find((other) => bare(other) === bare(id));
  const left = verdicts
    .flatMap(({ targets }) => targets)
    .find(({ labels }) => labels[CLUSTER_LABEL] === id);
  const near = similar === undefined ? '' : `; ${similar} ${differenceOf(similar, id)}`;
  const still = left ? `; its target ${left.address} is still in a list` : '';
  return { reason: `no record set gives this id${near}${still}`, remedy: registerText(job, id) };
}

const bare = (id: string) => id.toLowerCase().replace(/[^a-z0-9]/g, '');

const differenceOf = (similar: string, id: string) =>
  similar.toLowerCase() === id.toLowerCase() ? 'differs in case only' : 'is almost the same';

/** What a leaf must annotate. external-dns reads the first annotation since 0.22, and the other before that. */
function registerText(job: Job, id: string): string {
  if (id !== id.toLowerCase()) {
    return `Names in DNS are lowercase. Expect ${id.toLowerCase()}: leave this name out of expect.eks.name, and add a file to expect that has it in lowercase.`;
  }
  const name = nameFor(job, id);
  if (name === undefined) {
    const patterns = job.from.map(({ select }) => select.name).join(' or ');
    return `Register a name that matches ${patterns} and gives the ${CLUSTER_LABEL} ${id}.`;
  }
  const command = 'kubectl -n monitoring annotate service prometheus-server';
  const annotations = ANNOTATIONS.map((annotation) => `${annotation}=${shellWord(name)}`);
  return `In ${id}: ${command} ${annotations.join(' ')}`;
}

const ANNOTATIONS = [
  'external-dns.kubernetes.io/hostname',
  'external-dns.alpha.kubernetes.io/hostname',
];

/** A record set gives the id, and a rule leaves it out. */
export function selectedAdvice({ record, type, host, left }: Candidate): Advice {
  return {
    reason: `${record.replace(/\.$/, '')} ${type}: ${left}`,
    remedy: `federation-sync explain ${shellWord(host)}`,
  };
}

/** It is wanted, and not in the list as wanted. */
export function listAdvice(
  { job, place, fault, refused }: Verdict,
  stand?: Pick<Stand, 'blocked' | 'detail'>,
): Advice {
  const because = fault ?? refused;
  const detail = stand?.detail ? `; ${stand.detail}` : '';
  if (stand?.blocked === 'paused' && place.location.kind !== 'file') {
    const remedy = annotateCommand(place.location, `${PAUSED}-`);
    return { reason: `not in the list: the object is paused${detail}`, remedy };
  }
  if (because && (fault || stand?.blocked === because.code)) {
    const reason = `not in the list: ${because.code}: ${because.message}${detail}`;
    return { reason, remedy: because.remedy };
  }
  return {
    reason: `not in the list; the next sync adds it${detail}`,
    remedy: `federation-sync sync --job ${shellWord(job.name)}`,
  };
}

/** It is in the list, and the server has an older one. */
export function loadedAdvice({ job, place, servers }: Verdict, { detail }: Stand): Advice {
  const broken = servers.find(({ reloaded }) => reloaded === false);
  const since = servers.length === 1 ? servers[0]?.loadedAt : undefined;
  if (broken) {
    return {
      reason: `not loaded: the last reload of ${broken.url} failed`,
      remedy:
        "Fix the server's configuration: its log names the line, as promtool check config does.",
      since,
    };
  }
  const reason = detail === undefined ? 'in the list, not loaded yet' : `not loaded: ${detail}`;
  const { location, nudge, format } = place;
  const commands: string[] = [];
  if (nudge !== undefined && location.kind !== 'file') {
    const pods = `kubectl annotate pods -n ${location.namespace} -l ${shellWord(nudge)}`;
    commands.push(`${pods} --overwrite ${NUDGED}="$(date +%s)"`);
  }
  if (format !== 'file_sd') commands.push(...place.servers.map(reloadCommand));
  if (commands.length === 0) commands.push(`federation-sync doctor --job ${shellWord(job.name)}`);
  return { reason, remedy: commands.join(' && '), since };
}

function reloadCommand(server: Verdict['place']['servers'][number]): string {
  if ('url' in server)
    return `curl -X POST ${shellWord(`${server.url.replace(/\/$/, '')}/-/reload`)}`;
  const { namespace, path = '' } = server.service;
  const base = `/api/v1/namespaces/${namespace}/services/${serviceSegment(server)}/proxy`;
  return `kubectl create --raw ${base}${path.replace(/\/$/, '')}/-/reload -f /dev/null`;
}

const IS: Readonly<Record<string, string>> = {
  waiting: 'is not scraped yet',
  dropped: 'is dropped by relabelling',
};

/** The server has it, and no sample. */
export function scrapedAdvice({ job }: Verdict, { state, address, detail, cause }: Stand): Advice {
  const verify = `federation-sync verify --job ${shellWord(job.name)}`;
  const reason = detail ? `${address}: ${detail}` : `${address} ${IS[state] ?? 'is down'}`;
  const what = state === 'dropped' ? 'Correct the relabel_configs of the scrape config' : cause;
  return { reason, remedy: what ? `${what}. Check: ${verify}` : verify };
}
