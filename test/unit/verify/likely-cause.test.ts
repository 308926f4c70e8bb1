import { expect, test } from 'vitest';
import { likelyCause } from '../../../src/verify/likely-cause.ts';

/** Errors as Prometheus 2.42 and 3.16 show them; likely-cause.real.test.ts makes most of them for real. */
test.each([
  [
    'Get "http://a.example./federate": dial tcp: lookup a.example. on 10.0.0.2:53: no such host',
    'a.example.',
    /NXDOMAIN/,
  ],
  ['Get "http://a/": dial tcp: lookup a on 10.0.0.2:53: server misbehaving', 'a', /SERVFAIL/],
  ['dial tcp 10.0.0.1:9090: connect: connection refused', 'a:9090', /nothing listens/],
  ['dial tcp 10.0.0.1:9090: connect: no route to host', 'a:9090', /no route/],
  ['context deadline exceeded', 'a', /no answer in time/],
  ['dial tcp 10.0.0.1:80: i/o timeout', 'a', /no answer in time/],
  ['server returned HTTP status 401 Unauthorized', 'a', /401/],
  ['server returned HTTP status 403 Forbidden', 'a', /403/],
  ['server returned HTTP status 404 Not Found', 'a.example.:80', /use target: '\{host\}'/],
  ['server returned HTTP status 404 Not Found', 'https://a.example./federate', /use target/],
  ['server returned HTTP status 404 Not Found', 'a.example:80', /metrics_path/],
  ['server returned HTTP status 503 Service Unavailable', 'a', /not ready/],
  [
    'tls: failed to verify certificate: x509: certificate is valid for b.example, not a.example.',
    'a.example.',
    /for another name/,
  ],
  ['x509: certificate signed by unknown authority', 'a', /certificate authority/],
  [
    'x509: certificate has expired or is not yet valid: current time 2026-11-26',
    'a',
    /has expired/,
  ],
  ['http: server gave HTTP response to HTTPS client', 'a', /speaks HTTP, not HTTPS/],
  ['server returned HTTP status 400 Bad Request', 'a', /speaks HTTPS, not HTTP/],
  ['Get "http://127.0.0.1:443/federate": EOF', 'a', /speaks HTTPS, not HTTP/],
  ['body size limit exceeded', 'a', /limit of the scrape config/],
])('%s', (error, address, cause) => {
  expect(likelyCause(error, address)).toMatch(cause);
});

test('what is unknown has no cause', () => {
  expect(likelyCause('expected a valid start token, got "<"', 'a')).toBeUndefined();
});
