/**
 * A DNS name as Route 53 keeps it: lower case, final dot, and every octet but a-z 0-9 - _ and the dots between labels
 * as `\ooo`. `*.Example.com` and `\052.example.com.` are both `\052.example.com.`.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 */
export function canonicalName(name: string): string {
  return `${labels(name)
    .map((label) => label.replace(/[^a-z0-9_-]/g, escapeOctet))
    .join('.')}.`;
}

/**
 * What ListResourceRecordSets sorts names by: labels reversed, with the final dot, in ASCII. The characters its
 * documentation lists as smaller than the dot (`! " # … * + , -`) can only be met unescaped, so octets are compared.
 * `a.example.com.` -> `com.example.a.`
 */
export function nameOrder(name: string): string {
  return `${labels(name).reverse().join('.')}.`;
}

export function isWithin(name: string, zone: string): boolean {
  return zone === '.' || name === zone || name.endsWith(`.${zone}`);
}

/** Labels as octets (one character each), lower-cased; a dot written `\056` stays inside its label. */
function labels(name: string): string[] {
  const octets = Buffer.from(name.replace(/\.$/, ''), 'utf8').toString('latin1');
  if (octets === '') return [];
  return octets
    .split('.')
    .map((label) =>
      label
        .replace(/\\([0-3][0-7]{2})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
        .replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    );
}

function escapeOctet(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}
