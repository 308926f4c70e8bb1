import { describe, expect, test } from 'vitest';
import { literalFault, localNameFault } from '../../../src/targets/aim.ts';

const around = (host: string) => [
  host,
  `${host}:9090`,
  `http://${host}`,
  `https://${host}:9090/metrics?x=a.b#c.d`,
  `${host}/metrics`,
];

describe('an IP address', () => {
  test.each([
    ['dotted', '127.0.0.1'],
    ['with a final dot', '10.0.0.1.'],
    ['of fewer parts', '127.1'],
    ['of one part', '2130706433'],
    ['octal', '0177.0.0.01'],
    ['hexadecimal', '0x7f.0.0.1'],
    ['hexadecimal, of one part, in capitals', '0X7F000001'],
    ['with an octal last part', '127.0.0.017'],
    ['with a hexadecimal last part', '127.0.0.0xff'],
    ['with an empty hexadecimal part', '127.0.0.0x'],
    ['out of range, which a resolver may wrap', '256.256.256.4294967297'],
    ['of more parts than there are', '1.2.3.4.5'],
    ['v6', '[::1]'],
    ['v6, whole', '[2001:0db8:0000:0000:0000:0000:0000:0001]'],
    ['v6 with v4 in it', '[::ffff:127.0.0.1]'],
    ['v6 with a zone', '[fe80::1%eth0]'],
    ['v6 with a zone, as in a URL', '[fe80::1%25eth0]'],
  ])('%s', (_, host) => {
    for (const address of around(host)) {
      expect([address, literalFault(address)?.code]).toEqual([address, 'address-not-allowed']);
    }
  });

  test.each([
    '::1',
    '::',
    '::1:9090',
    'fe80::1%eth0',
    '2001:db8::1',
    '::ffff:127.0.0.1',
    'http://::1/metrics',
    '1:2:3:4:5:6:7:8',
  ])('v6 without brackets: %s', (address) => {
    expect(literalFault(address)?.reason).toBe(
      `${address} is an IP address; allowAddresses: true in its from allows that`,
    );
  });
});

describe('the server itself', () => {
  test.each(['localhost', 'LocalHost.', 'a.localhost', 'a.b.LOCALHOST.', 'localhost.localdomain'])(
    '%s',
    (host) => {
      for (const address of around(host)) {
        expect([address, localNameFault(address)?.code]).toEqual([address, 'address-not-allowed']);
        expect(localNameFault(address)?.reason).toContain('the Prometheus server itself');
        expect(literalFault(address)).toBeUndefined();
      }
    },
  );
});

test.each(['prometheus', 'prometheus.', 'P', 'ip6-localhost', 'a_b', 'x-1'])(
  'a single label: %s',
  (host) => {
    for (const address of around(host)) {
      expect([address, localNameFault(address)?.code]).toEqual([address, 'address-not-allowed']);
      expect(localNameFault(address)?.reason).toContain('a single label');
    }
  },
);

test.each([
  'prometheus1.example.com.',
  'a.internal',
  '127.0.0.1.nip.io',
  '10.example.com',
  'x1.y2',
  'a.0xg',
  'a.1x',
  'localhost.example.com',
  'notlocalhost.internal',
  'a.notlocalhost',
  '1.2.3.4x',
  'prometheus-server.monitoring',
])('none of these: %s', (host) => {
  for (const address of around(host)) {
    expect([literalFault(address), localNameFault(address)]).toEqual([undefined, undefined]);
  }
});
