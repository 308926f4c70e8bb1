import { textOf } from '../records/name.ts';

/** Why text is not a usable address, as `skipped` reports it. */
export interface Unusable {
  readonly code:
    | 'wildcard'
    | 'bad-name'
    | 'bad-address'
    | 'bad-port'
    | 'port-missing'
    | 'path-not-allowed'
    | 'address-not-allowed'
    | 'empty-label'
    | 'unset-value';
  readonly reason: string;
}

/**
 * Whether a decoded DNS name (`hostOf`) can be scraped. Prometheus would accept any text, even wildcards and
 * spaces, and fail every scrape. Underscores are not allowed in host names (RFC 952), but resolve, and are used.
 */
export function nameFault(host: string): Unusable | undefined {
  // The fast path: nearly all names are usable.
  if (host.length <= 253 && /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/i.test(host))
    return undefined;
  const labels = host.split('.');
  if (labels.includes('*')) {
    return { code: 'wildcard', reason: 'a wildcard does not name one server' };
  }
  const bad = labels.find((label) => !/^[a-z0-9_-]{1,63}$/i.test(label));
  if (bad !== undefined) {
    const reason =
      bad === ''
        ? 'an empty label'
        : (otherNameOf(host) ?? `the label ${JSON.stringify(bad)} cannot be in a host name`);
    return { code: 'bad-name', reason };
  }
  return host.length > 253 ? { code: 'bad-name', reason: 'longer than 253 characters' } : undefined;
}

/**
 * Why a name outside ASCII cannot be scraped: Prometheus dials its form in ASCII (IDNA; Go's net/http), which is another
 * name in the DNS.
 *
 *     m\303\274nchen.internal, münchen.internal   ->   xn--mnchen-3ya.internal
 */
function otherNameOf(host: string): string | undefined {
  const name = textOf(host);
  const isHost = /[^\0-\x7f]/.test(name) && /^[\w.\u0080-\uffff-]+$/.test(name);
  const ascii = isHost ? URL.parse(`http://${name}`)?.hostname : undefined;
  return !ascii || nameFault(ascii)
    ? undefined
    : `for ${name}, Prometheus looks up ${ascii}: register that name`;
}

/**
 * Whether a target's address is one that Prometheus can scrape: `host`, `host:port`, `[v6]:port`, or an
 * http(s) URL with or without its scheme, which only jobs with relabel_configs may have (checked with the document).
 */
export function addressFault(address: string): Unusable | undefined {
  if (/^[^:/[\]]+$/.test(address)) return nameFault(withoutDot(address));
  if (address.includes('/')) return urlFault(address);
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]*)(?::(.*))?$/.exec(address);
  if (!match) return { code: 'bad-address', reason: 'must be host or host:port' };
  const [, host = '', port] = match;
  if (host === '') return { code: 'bad-address', reason: 'no host' };
  if (port !== undefined && !isPort(port)) {
    return {
      code: 'bad-port',
      reason: `the port must be a number from 1 to 65535, not ${JSON.stringify(port)}`,
    };
  }
  if (host.startsWith('[')) return undefined;
  return nameFault(withoutDot(host));
}

const withoutDot = (host: string) => (host.endsWith('.') ? host.slice(0, -1) : host);

function urlFault(address: string): Unusable | undefined {
  const reason = 'must be host:port, or an http or https URL';
  const authority = /^(?:https?:\/\/)?([^/?#]+)/.exec(address)?.[1] ?? '';
  if (authority.endsWith(':') || !/^[\x21-\x5b\x5d-\x7e]+$/.test(address)) {
    return { code: 'bad-address', reason };
  }
  if (authority.includes('@'))
    return { code: 'bad-address', reason: 'a URL must not have credentials' };
  return addressFault(authority);
}

function isPort(text: string): boolean {
  return /^[0-9]{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}

/**
 * The host of an address, by which removals are counted: without scheme, path, port and final dot, in lower
 * case. `https://a.example.com.:9090/x` -> `a.example.com`
 */
export function hostOfAddress(address: string): string {
  const [, host = ''] = HOST.exec(address) ?? [];
  return withoutDot(host).toLowerCase();
}

const HOST = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(\[[^\]]*\]?|[^:/?#]*)/i;

/** Whether an address has a port. */
export function hasPort(address: string): boolean {
  return /:\d+$/.test(address);
}
