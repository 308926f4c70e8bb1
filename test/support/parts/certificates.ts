import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOpenssl } from './found.ts';

/** PEM texts, and their files. */
interface Certificate {
  certificate: string;
  key: string;
  certificateFile: string;
  keyFile: string;
}

export interface Authority extends Certificate {
  /** A server's certificate, for 127.0.0.1, localhost and these addresses. */
  server(name: string, addresses?: readonly string[]): Certificate;
  /** A client's: Kubernetes reads the user from CN and the groups from O. */
  client(user: string, groups?: string[]): Certificate;
}

const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** A certificate authority of our own whose files live in `folder`. Node can read X.509, not issue it. */
export function createAuthority(folder: string): Authority {
  const openssl = findOpenssl();
  if (!openssl) throw new Error('openssl is missing: install it with the system’s packages');
  let issued = 0;

  function issue(name: string, args: string[]): Certificate {
    const certificateFile = join(folder, `${name}.crt`);
    const keyFile = join(folder, `${name}.key`);
    execFileSync(
      openssl as string,
      [...request, '-nodes', '-days', '2', '-out', certificateFile, '-keyout', keyFile, ...args],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    return {
      certificate: readFileSync(certificateFile, 'utf8'),
      key: readFileSync(keyFile, 'utf8'),
      certificateFile,
      keyFile,
    };
  }

  const ca = issue('ca', [
    ...['-subj', '/CN=federation-sync-tests'],
    ...['-addext', 'keyUsage=critical,keyCertSign,digitalSignature'],
  ]);
  const signed = (name: string, subject: string, ...extensions: string[]) =>
    issue(name, [
      ...['-CA', ca.certificateFile, '-CAkey', ca.keyFile, '-subj', subject],
      ...['basicConstraints=critical,CA:FALSE', ...extensions].flatMap((line) => ['-addext', line]),
    ]);

  return {
    ...ca,
    server: (name, addresses = []) =>
      signed(
        name,
        `/CN=${name}`,
        'extendedKeyUsage=serverAuth',
        [
          'subjectAltName=IP:127.0.0.1',
          ...addresses.map((one) => `IP:${one}`),
          'DNS:localhost',
        ].join(),
      ),
    client(user, groups = []) {
      issued += 1;
      const subject = [...groups.map((group) => `/O=${group}`), `/CN=${user}`].join('');
      return signed(`client-${issued}`, subject, 'extendedKeyUsage=clientAuth');
    },
  };
}

/** The key pair with which an apiserver signs and checks the tokens of service accounts. */
export function createSigningKey(folder: string): { privateFile: string; publicFile: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const privateFile = join(folder, 'service-accounts.key');
  const publicFile = join(folder, 'service-accounts.pub');
  writeFileSync(privateFile, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(publicFile, publicKey.export({ type: 'spki', format: 'pem' }));
  return { privateFile, publicFile };
}
