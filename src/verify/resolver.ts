import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import { Fault } from '../fault.ts';
import type { Run } from '../run.ts';

/** A resolver's result for a name. */
export interface Resolution {
  /** Of A and AAAA, sorted. */
  readonly addresses: readonly string[];
  /** The target of the name, if it is an alias. */
  readonly cname?: string;
  /** Why there is no address: NXDOMAIN, no address, timeout, SERVFAIL, REFUSED … */
  readonly problem?: string;
  /** The scraper may still resolve it with a search list. */
  readonly searched?: boolean;
}

export interface Resolver {
  /** The resolver's IP:PORT. */
  readonly address: string;
  /** Throws `resolver-failed` if it answers for none of the names. */
  resolve(names: readonly string[], run: Run): Promise<Map<string, Resolution>>;
}

/** Name servers answer a burst of all names with REFUSED. */
const AT_ONCE = 20;

/**
 * Queries one DNS server. Names are queried as they are, as if with a final dot: no search list is tried.
 *
 * @param text IP, IP:PORT, [IPv6]:PORT
 * @throws Fault `usage`
 */
export function resolverAt(text: string, options = { timeout: 2_000, tries: 2 }): Resolver {
  const parts = /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? /^([^:]+)(?::(\d+))?$/.exec(text) ?? [];
  const [, ip = text, port = '53'] = parts;
  const number = Number(port);
  if (!isIP(ip) || number < 1 || number > 65_535) {
    throw new Fault('usage', `${text} is not the address of a resolver`, {
      remedy: 'Use IP or IP:PORT, such as --resolver 10.0.0.2',
    });
  }
  const address = ip.includes(':') ? `[${ip}]:${number}` : `${ip}:${number}`;
  return {
    address,
    resolve: async (names, run) => {
      const resolver = new dns.Resolver(options);
      resolver.setServers([address]);
      const cancel = () => resolver.cancel();
      run.signal.addEventListener('abort', cancel, { once: true });
      try {
        return await resolveAll(resolver, [...new Set(names)], run, address);
      } finally {
        run.signal.removeEventListener('abort', cancel);
      }
    },
  };
}

async function resolveAll(
  resolver: dns.Resolver,
  names: readonly string[],
  run: Run,
  address: string,
): Promise<Map<string, Resolution>> {
  const found = new Map<string, Resolution>();
  const waiting = names.values();
  const worker = async () => {
    for (const name of waiting) {
      if (run.signal.aborted) return;
      found.set(name, await resolveOne(resolver, name));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (run.signal.aborted) {
    throw new Fault('deadline', 'the run timed out before all names were resolved');
  }
  const silent = [...found.values()].every(({ problem = '' }) => NO_ANSWER.has(problem));
  if (found.size > 0 && silent) {
    const why = found.values().next().value?.problem;
    throw new Fault('resolver-failed', `the resolver ${address} answered no query: ${why}`);
  }
  return found;
}

async function resolveOne(resolver: dns.Resolver, name: string): Promise<Resolution> {
  const [a, aaaa, cname] = await Promise.allSettled([
    resolver.resolve4(name),
    resolver.resolve6(name),
    resolver.resolveCname(name),
  ]);
  const addresses = [a, aaaa].flatMap((it) => (it.status === 'fulfilled' ? it.value : [])).sort();
  const alias = cname.status === 'fulfilled' ? cname.value[0] : undefined;
  const problem = addresses.length > 0 ? undefined : problemOf([a, aaaa], alias);
  return { addresses, ...(alias && { cname: alias }), ...(problem && { problem }) };
}

const PROBLEMS: Record<string, string> = {
  ENOTFOUND: 'NXDOMAIN',
  ENODATA: 'no address',
  ETIMEOUT: 'timeout',
  ECONNREFUSED: 'connection refused',
  ESERVFAIL: 'SERVFAIL',
  EREFUSED: 'REFUSED',
  EBADNAME: 'not a DNS name',
};
const NO_ANSWER = new Set(['timeout', 'connection refused']);

function problemOf(results: PromiseSettledResult<unknown>[], alias: string | undefined): string {
  if (alias) return 'no address';
  const codes = results.flatMap((it) =>
    it.status === 'rejected' ? [String((it.reason as { code?: unknown }).code)] : [],
  );
  // Of A and AAAA the more serious problem: a missing record means little if the other query failed.
  const code = Object.keys(PROBLEMS).findLast((known) => codes.includes(known)) ?? codes[0] ?? '';
  return PROBLEMS[code] ?? code;
}
