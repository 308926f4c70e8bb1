/**
 * A record set's name as the product handles it: lower case, no final dot, octal escapes decoded.
 *
 * Route 53 prints every octet outside `a-z 0-9 - _ .` as a backslash and three octal digits (`\052` is `*`;
 * Developer Guide, "DNS domain name format"). Two escapes stay as they are, because decoding them would change
 * what the name means: `\056` (a dot inside a label) and `\134` (a backslash).
 *
 *     \052.Prometheus.internal.  ->  *.prometheus.internal
 */
export function hostOf(name: string): string {
  const decoded = name.replace(/\\([0-3][0-7]{2})/g, (escaped, octal: string) =>
    octal === '056' || octal === '134' ? escaped : String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return foldCase(decoded.endsWith('.') ? decoded.slice(0, -1) : decoded);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A name as its owner writes it. `hostOf` gives one character for each octet, and octets outside ASCII are mostly UTF-8.
 * Text, and octets that are not UTF-8, stay as they are.
 *
 *     mÃ¼nchen.internal (of m\303\274nchen.internal.), münchen.internal  ->  münchen.internal
 */
export function textOf(host: string): string {
  if (!/[\x80-\xff]/.test(host) || !/^[\0-\xff]*$/.test(host)) return host;
  try {
    return utf8.decode(Buffer.from(host, 'latin1'));
  } catch {
    return host;
  }
}

/** DNS folds ASCII letters only; toLowerCase would also fold a decoded octet such as `\304`. */
function foldCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * The key that Route 53 orders record sets by: the labels reversed, each followed by a dot.
 *
 *     a.prometheus.internal   ->  internal.prometheus.a.
 *     prometheus-2.internal   ->  internal.prometheus-2.      ('-' sorts below '.')
 */
export function orderKey(host: string): string {
  return `${host.split('.').reverse().join('.')}.`;
}
