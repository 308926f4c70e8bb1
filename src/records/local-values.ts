import net, { type BlockList, isIP } from 'node:net';

/**
 * Addresses that are never another server's: of the machine itself, of its link, and of AWS's own services there, the
 * instance metadata service among them (RFC 6890; EC2 User Guide, "Access instance metadata"). A list checks an
 * IPv4-mapped IPv6 address (`::ffff:127.0.0.1`) by the rules of IPv4.
 */
function localAddresses(): BlockList {
  // By its module: Node.js loads the class when it is first named.
  const list = new net.BlockList();
  for (const [network, prefix] of [
    ['0.0.0.0', 8],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const) {
    list.addSubnet(network, prefix, 'ipv4');
  }
  for (const [network, prefix] of [
    ['::', 128],
    ['::1', 128],
    ['fe80::', 10],
    ['fd00:ec2::', 32],
  ] as const) {
    list.addSubnet(network, prefix, 'ipv6');
  }
  return list;
}

/** Made when a value needs it, which is rare. */
let local: BlockList | undefined;

/** The values of a record set that are local to the machine that resolves it. */
export function localValues(type: string, values: readonly string[]): string[] {
  if (type === 'A') return values.filter((value) => V4.test(value) && isLocal(value));
  if (type === 'AAAA') return values.filter(isLocal);
  return type === 'CNAME' ? values.filter((value) => LOCALHOST.test(value)) : [];
}

/** Nearly all values fail it, and it costs a tenth of the list's check. */
const V4 = /^(?:0|127|169)\./;
const LOCALHOST = /^(?:.*\.)?localhost\.?$/i;

function isLocal(value: string): boolean {
  const version = isIP(value);
  local ??= localAddresses();
  return version !== 0 && local.check(value, version === 4 ? 'ipv4' : 'ipv6');
}
