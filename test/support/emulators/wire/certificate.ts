import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** PEM texts. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

interface Identity extends Certificate {
  readonly privateKey: KeyObject;
  readonly subject: Buffer;
  readonly keyId: Buffer;
}

/**
 * An authority of its own and a server's certificate for 127.0.0.1 and localhost, valid for a day around now. Node reads
 * X.509 but does not write it, and openssl is not everywhere, so the DER (RFC 5280) is written here.
 */
export function issueServerCertificate(): { authority: Certificate; server: Certificate } {
  const authority = issue('emulated cluster authority', undefined, [
    extension('2.5.29.19', true, sequence(BOOLEAN_TRUE)), // basicConstraints: CA
    extension('2.5.29.15', true, tag(0x03, Buffer.from([1, 0x06]))), // keyUsage: keyCertSign, cRLSign
  ]);
  const names = sequence(
    tag(0x82, Buffer.from('localhost')),
    tag(0x82, Buffer.from('kubernetes.default.svc')),
    tag(0x87, Buffer.from([127, 0, 0, 1])),
  );
  const server = issue('kube-apiserver', authority, [
    extension('2.5.29.15', true, tag(0x03, Buffer.from([7, 0x80]))), // keyUsage: digitalSignature
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))), // extKeyUsage: serverAuth
    extension('2.5.29.17', false, names), // subjectAltName
    extension('2.5.29.35', false, sequence(tag(0x80, authority.keyId))), // authorityKeyIdentifier
  ]);
  return { authority, server };
}

function issue(name: string, issuer: Identity | undefined, extensions: Buffer[]): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha1').update(spki).digest();
  const subject = sequence(tag(0x31, sequence(oid('2.5.4.3'), tag(0x0c, Buffer.from(name)))));
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const hour = 3_600_000;
  const toSign = sequence(
    tag(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([0x4f]), randomBytes(8)])),
    algorithm,
    issuer?.subject ?? subject,
    sequence(utcTime(Date.now() - hour), utcTime(Date.now() + 24 * hour)),
    subject,
    spki,
    tag(0xa3, sequence(...extensions, extension('2.5.29.14', false, tag(0x04, keyId)))),
  );
  const signature = sign('sha256', toSign, issuer?.privateKey ?? privateKey);
  const der = sequence(toSign, algorithm, tag(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey,
    subject,
    keyId,
  };
}

function tag(type: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([type, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tag(0x30, Buffer.concat(parts));
}

function integer(bytes: Buffer): Buffer {
  return tag(0x02, bytes);
}

const BOOLEAN_TRUE = tag(0x01, Buffer.from([0xff]));

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return tag(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [BOOLEAN_TRUE] : []), tag(0x04, value));
}

function utcTime(time: number): Buffer {
  const text = new Date(time)
    .toISOString()
    .replace(/[-:T]|\.\d+/g, '')
    .slice(2);
  return tag(0x17, Buffer.from(text));
}
