import { CLUSTER_LABEL, type From, type Job } from '../job.ts';
import { suffixOf } from '../records/suffix.ts';
import { candidatesOf } from './candidates.ts';

/**
 * The name that a cluster must register so that the job makes a target with its id, where the patterns show one:
 *
 *     ^(?<clusterID>[^.]+)\.prometheus\.internal$   eu-1   eu-1.prometheus.internal
 *     ^prom-(?<clusterID>\w+-\d+)\.example\.com\.?$ eu-1   prom-eu-1.example.com
 *     ^prom(?<n>\d+)\.internal$, label eu-{n}        eu-1   prom1.internal
 *     ^[^.]+\.prometheus\.internal$, label {label}  eu-1   eu-1.prometheus.internal
 *     ^(?<clusterID>.+?)(-a|-b)\.internal$          eu-1   undefined
 */
export function nameFor({ from }: Pick<Job, 'from'>, id: string): string | undefined {
  for (const one of from) {
    const suffix = suffixOf(one.select.name);
    const names = [filledIn(one, id), suffix && `${id}.${suffix}`];
    const name = names.find((it) => it !== undefined && gives(one, it, id));
    if (name !== undefined) return name;
  }
  return undefined;
}

function gives(from: From, name: string, id: string): boolean {
  const [type = 'A'] = from.select.types;
  const found = candidatesOf({ from: [from] }, [[{ name, type }]], new Set()).get(id);
  return found?.[0]?.address !== undefined;
}

/** The pattern with the group that gives the id filled in, if the rest is literal; undefined otherwise. */
function filledIn({ select: { name: pattern }, labels }: From, id: string): string | undefined {
  const label = labels[CLUSTER_LABEL] === '{label}' ? `{${CLUSTER_LABEL}}` : labels[CLUSTER_LABEL];
  const [, front = '', group, back = ''] = /^([^{}]*)\{(\w+)\}([^{}]*)$/.exec(label ?? '') ?? [];
  const open = `(?<${group}>`;
  const start = pattern.indexOf(open);
  if (start < 0 || !id.startsWith(front) || !id.endsWith(back)) return undefined;
  const end = endOfGroup(pattern, start + open.length);
  const before = pattern.slice(0, start).replace(/^\^/, '');
  const after = pattern.slice(end).replace(/(?:\\\.\??)?\$$/, '');
  const [head, tail] = [literal(before), literal(after)];
  const value = id.slice(front.length, id.length - back.length);
  return head === undefined || tail === undefined ? undefined : `${head}${value}${tail}`;
}

/** The index after the parenthesis that closes a group. */
function endOfGroup(pattern: string, from: number): number {
  let depth = 1;
  let inClass = false;
  for (let i = from; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '\\') i++;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (!inClass && character === '(') depth++;
    else if (!inClass && character === ')' && --depth === 0) return i + 1;
  }
  return pattern.length;
}

/** `\.prometheus\.internal` -> `.prometheus.internal` */
function literal(part: string): string | undefined {
  const plain = part.replace(/\\([.-])/g, '$1');
  return /^(?:\\[.-]|[a-z0-9_-])*$/.test(part) ? plain : undefined;
}
