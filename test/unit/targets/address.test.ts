import { describe, expect, test } from 'vitest';
import { addressFault, hasPort, hostOfAddress, nameFault } from '../../../src/targets/address.ts';

describe('an address', () => {
  test.each([
    'prometheus1.example.com.',
    'prometheus1.example.com',
    'prometheus-server.monitoring:80',
    'a_b.internal:9090',
    '_metrics.internal',
    'localhost',
    '10.0.0.1:9090',
    '[::1]:9090',
    '[2001:db8::1]',
    'xn--bcher-kva.example:1',
    'a.internal:65535',
    `${'a'.repeat(63)}.internal`,
    'https://a.internal/api/v4/system/ping',
    'http://a.internal.:8080/x?y=z#w',
    'https://[::1]:443/',
    'https://a.internal',
    'a.internal/metrics',
    'a.internal.:8080/api/v4/system/ping',
  ])('that can be scraped: %s', (address) => {
    expect(addressFault(address)).toBeUndefined();
  });

  test.each([
    ['*.internal:9090', 'wildcard'],
    ['\\052.internal:9090', 'bad-name'],
    ['a b.internal', 'bad-name'],
    ['a.internal ', 'bad-name'],
    ['a b.', 'bad-name'],
    ['a.*', 'wildcard'],
    ['a.internal\n', 'bad-name'],
    ['a\u0000.internal', 'bad-name'],
    ['bücher.example', 'bad-name'],
    ['a..internal', 'bad-name'],
    ['.', 'bad-name'],
    [`${'a'.repeat(64)}.internal`, 'bad-name'],
    [`${'a.'.repeat(127)}`, 'none'],
    [`${'a.'.repeat(127)}b`, 'bad-name'],
    ['', 'bad-address'],
    [':9090', 'bad-address'],
    ['a:b:c', 'bad-port'],
    ['::1', 'bad-address'],
    ['::', 'bad-address'],
    ['a]b', 'bad-address'],
    ['a]b:80', 'bad-address'],
    ['[::1', 'bad-address'],
    ['[zz]:1', 'bad-address'],
    ['a.internal:', 'bad-port'],
    ['a.internal:0', 'bad-port'],
    ['a.internal:65536', 'bad-port'],
    ['a.internal:99999', 'bad-port'],
    ['a.internal:-1', 'bad-port'],
    ['a.internal:1e3', 'bad-port'],
    ['a.internal: 80', 'bad-port'],
    ['//a.internal', 'bad-address'],
    ['ftp://a.internal/', 'bad-address'],
    ['u:p@a.internal/metrics', 'bad-address'],
    ['?x/y', 'bad-address'],
    ['https://', 'bad-address'],
    ['https:///x', 'bad-address'],
    ['https://*.internal/', 'wildcard'],
    ['https://a.internal:99999/', 'bad-port'],
    ['https://user:password@a.internal/', 'bad-address'],
    ['https://a.internal/a b', 'bad-address'],
    ['https://a.internal\\@b.internal/', 'bad-address'],
    ['https://a.internal/é', 'bad-address'],
  ])('%j: %s', (address, code) => {
    expect(addressFault(address)?.code ?? 'none').toBe(code);
  });
});

test.each([
  ['a.*.internal', 'a wildcard does not name one server'],
  ['ok.a b.internal', 'the label "a b" cannot be in a host name'],
  ['a..internal', 'an empty label'],
  [`${'a.'.repeat(127)}b`, 'longer than 253 characters'],
  ['a:http', 'the port must be a number from 1 to 65535, not "http"'],
  [':80', 'no host'],
  ['/x', 'no host'],
  ['[zz]:1', 'must be host or host:port'],
  ['ftp://a.internal/', 'must be host:port, or an http or https URL'],
  ['http:///x', 'must be host:port, or an http or https URL'],
  ['http://u:p@a.internal/', 'a URL must not have credentials'],
])('%j is refused as an address: %s', (address, reason) => {
  expect(addressFault(address)?.reason).toBe(reason);
});

test.each([
  [
    'm\u00c3\u00bcnchen.internal',
    'for münchen.internal, Prometheus looks up xn--mnchen-3ya.internal',
  ],
  ['bücher.example', 'for bücher.example, Prometheus looks up xn--bcher-kva.example'],
  ['\u00c4.internal', 'for Ä.internal, Prometheus looks up xn--4ca.internal'],
  ['*ü.x', 'the label "*ü" cannot be in a host name'],
  ['ü/x.y', 'the label "ü/x" cannot be in a host name'],
  ['ü:80', 'the label "ü:80" cannot be in a host name'],
])('of %s, a name outside ASCII, the reason is: %s', (host, reason) => {
  expect(nameFault(host)?.reason.split(': register')[0]).toBe(reason);
});

test('a name of 253 characters is the longest', () => {
  const host = (length: number) =>
    'a.'
      .repeat(130)
      .slice(0, length - 1)
      .padEnd(length, 'b');
  expect(nameFault(host(253))).toBeUndefined();
  expect(nameFault(host(254))).toMatchObject({ code: 'bad-name' });
});

test.each([
  ['a.example.com.', 'a.example.com'],
  ['A.Example.com', 'a.example.com'],
  ['a.example.com:9090', 'a.example.com'],
  ['a.example.com.:9090', 'a.example.com'],
  ['https://a.example.com.:9090/x?y', 'a.example.com'],
  ['http://a.example.com?x', 'a.example.com'],
  ['[::1]:9090', '[::1]'],
  ['[::1]', '[::1]'],
  ['https://[::1]:9090/x', '[::1]'],
  ['[::1', '[::1'],
  ['a.example.com/x:y', 'a.example.com'],
  ['a.example.com:9090/?to=http://b', 'a.example.com'],
  ['1http://a', '1http'],
  ['', ''],
])('the host of %s is %s', (address, host) => {
  expect(hostOfAddress(address)).toBe(host);
});

test('a port is distinguished from the colons of an IPv6 address', () => {
  expect(['a:1', '[::1]:1'].map(hasPort)).toEqual([true, true]);
  expect(['a', '[::1]', 'a.'].map(hasPort)).toEqual([false, false, false]);
});
