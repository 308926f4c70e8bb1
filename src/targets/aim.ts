import { hostOfAddress, type Unusable } from './address.ts';

/**
 * Why a record may not aim Prometheus at an address, unless its `from` has `allowAddresses`: anyone who may write a
 * record could have the server scrape itself, its neighbours, or a metadata service with its credentials.
 *
 *     127.0.0.1  127.1  2130706433  0x7f.1  0177.0.0.1  [::1]:9090  ::1  [fe80::1%eth0]  http://127.0.0.1/x
 *     localhost  LOCALHOST.:9090  a.localhost  localhost.localdomain
 *     prometheus  prometheus.:9090
 *
 * An IP address is what any resolver interprets as one: as in the URL Standard ("ends in a number checker"), a host whose
 * last label is a number, because getaddrinfo(3) accepts all forms of inet_aton(3), and a proxy may use it.
 */
export function literalFault(address: string): Unusable | undefined {
  const host = hostOfAddress(address);
  const isLiteral = host.startsWith('[') || UNBRACKETED.test(address) || NUMBER.test(host);
  return isLiteral ? notAllowed(address, 'an IP address') : undefined;
}

/** The same for names that are no IP address, of an address that can be scraped. */
export function localNameFault(address: string): Unusable | undefined {
  const host = hostOfAddress(address);
  // RFC 6761, 6.3; systemd-resolved(8) does the same with localhost.localdomain.
  if (/(?:^|\.)localhost(?:\.localdomain)?$/.test(host)) {
    return notAllowed(address, 'the Prometheus server itself');
  }
  if (!host.includes('.')) {
    return notAllowed(address, 'a single label, which resolves to whatever its search list has');
  }
  return undefined;
}

/** `1`, `0x7f`, `017` as the last label. */
const NUMBER = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/;

/** An IPv6 address without its brackets, with or without scheme, zone, port and path: two colons at least. */
const UNBRACKETED = /^(?:https?:\/\/)?[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*(?:[%/].*)?$/i;

function notAllowed(address: string, what: string): Unusable {
  return {
    code: 'address-not-allowed',
    reason: `${address} is ${what}; allowAddresses: true in its from allows that`,
  };
}
