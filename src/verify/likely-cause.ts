interface Rule {
  /** In the error that Prometheus shows as lastError. */
  readonly error: RegExp;
  readonly cause: string;
  /** Only for targets with a final dot in the host. */
  readonly dotted?: true;
}

/*
 * The words are those of Go's net, net/http and crypto/x509, and of Prometheus's scrape loop; the tests of verify make
 * each of these errors for real.
 */
const RULES: readonly Rule[] = [
  {
    error: /no such host/,
    cause:
      'the name does not resolve (NXDOMAIN): its record is gone, the VPC is not associated with the zone, or a resolver still caches that it was missing',
  },
  { error: /server misbehaving/, cause: 'the DNS server fails (SERVFAIL or no answer)' },
  {
    error: /connection refused/,
    cause: 'nothing listens on that port: wrong port, or Prometheus is not running there',
  },
  {
    error: /no route to host|network is unreachable/,
    cause: 'no route to that network: peering, transit gateway or route table',
  },
  {
    error: /i\/o timeout|deadline exceeded|Client\.Timeout/,
    cause: 'no answer in time: a security group or route, or more data than scrape_timeout allows',
  },
  { error: /HTTP status 401/, cause: 'credentials are missing or wrong (401)' },
  { error: /HTTP status 403/, cause: 'access is denied (403)' },
  {
    error: /HTTP status 404/,
    dotted: true,
    cause:
      "a proxy such as Envoy does not know the host name with its final dot (404): use target: '{host}' instead of '{name}'",
  },
  {
    error: /HTTP status 404/,
    cause: 'no such path (404): metrics_path, or a proxy that does not know this host',
  },
  { error: /HTTP status 503/, cause: 'the server or its proxy is not ready (503)' },
  {
    error: /certificate is valid for|doesn't contain any IP SANs|certificate is not valid for/,
    cause: 'the certificate is for another name: tls_config.server_name, or the name of the record',
  },
  {
    error: /signed by unknown authority/,
    cause: 'the certificate authority is unknown: tls_config.ca_file',
  },
  { error: /certificate has expired/, cause: 'the certificate has expired' },
  { error: /server gave HTTP response to HTTPS/, cause: 'it speaks HTTP, not HTTPS: scheme' },
  {
    error: /HTTP status 400|malformed HTTP response|\bEOF$/,
    cause: 'probably it speaks HTTPS, not HTTP (scheme), or rejects params.match[]',
  },
  {
    error: /body size limit|sample limit|label.* limit/,
    cause: 'it exposes more than a limit of the scrape config allows',
  },
];

/** Why a scrape with this error probably fails, in one phrase with what to look at; undefined: unknown. */
export function likelyCause(lastError: string, address: string): string | undefined {
  const isDotted = /\.(?:[:/]|$)/.test(address.replace(/^https?:\/\//, ''));
  return RULES.find(({ error, dotted }) => error.test(lastError) && (!dotted || isDotted))?.cause;
}
