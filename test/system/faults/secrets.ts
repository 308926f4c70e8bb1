import type { Emulators } from '../../support/emulators/emulators.ts';

/**
 * What nobody may ever read in a log, a plan or an error: keys, session tokens, signatures and bearer tokens as
 * they went over the wire, and what the documents and the objects' other keys hold.
 */
export class Secrets {
  readonly #emulators: Emulators;
  readonly #known: Set<string>;

  constructor(emulators: Emulators, contents: readonly string[]) {
    this.#emulators = emulators;
    const { credentials, kubernetes, aws } = emulators;
    this.#known = new Set([
      credentials.secretAccessKey,
      kubernetes.adminToken,
      ...contents.flatMap((content) => [content, ...inBase64(content)]),
    ]);
    const { identity } = aws;
    const issue = identity.issue.bind(identity);
    identity.issue = (...given) => {
      const principal = issue(...given);
      this.#known.add(principal.secretAccessKey).add(principal.sessionToken);
      return principal;
    };
  }

  /** Those in a text, with the text around them. */
  in(text: string): string[] {
    for (const { headers, service } of this.#emulators.faults.calls) {
      const authorization = String(headers.authorization ?? '');
      if (service === 'kubernetes') {
        const token = authorization.replace(/^Bearer /, '');
        this.#known.add(token);
        // The presigned URL that it is made of.
        const url = Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString();
        const signature = /X-Amz-Signature=(\w+)/.exec(url)?.[1];
        if (signature) this.#known.add(signature);
      } else {
        const signature = /Signature=(\w+)/.exec(authorization)?.[1];
        if (signature) this.#known.add(signature);
      }
    }
    const found = [...this.#known].filter((secret) => secret !== '' && text.includes(secret));
    const shapes = [/k8s-aws-v1\./, /X-Amz-(Signature|Security-Token|Credential)/i, /\bBearer /];
    return [
      ...found.map((secret) => around(text, text.indexOf(secret))),
      ...shapes
        .filter((shape) => shape.test(text))
        .map((shape) => around(text, text.search(shape))),
    ];
  }
}

const around = (text: string, at: number) => text.slice(Math.max(0, at - 80), at + 80);

/** At each of the three positions in the encoded text. */
function inBase64(content: string): string[] {
  return [0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${content}`)
      .toString('base64')
      .slice(Math.ceil((shift * 8) / 6) + 1, -4),
  );
}
