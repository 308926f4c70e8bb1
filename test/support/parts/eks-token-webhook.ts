import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TokenRules, type Verdict, verifyToken } from './eks-token.ts';

/** What an EKS control plane asks about a bearer token, answered here for a kube-apiserver of ours. */
export interface EksTokenWebhook {
  /** For `--authentication-token-webhook-config-file`, through a kubeconfig that names this server. */
  readonly url: string;
  /** The rules in force; a test may change them between calls (the clock, the cluster's name …). */
  readonly rules: TokenRules;
  /** Every verdict so far, oldest first: what the apiserver received and does not tell its client. */
  readonly verdicts: Verdict[];
  stop(): Promise<void>;
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The answer to a TokenReview (authentication.k8s.io/v1), as aws-iam-authenticator words it. */
function tokenReview(verdict: Verdict): object {
  const { identity, error } = verdict;
  return {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    status: identity
      ? {
          authenticated: true,
          user: {
            username: identity.username,
            uid: `aws-iam-authenticator:${identity.username}`,
            groups: identity.groups,
            extra: { accessKeyId: [verdict.accessKeyId] },
          },
        }
      : { authenticated: false, error },
  };
}

export async function startEksTokenWebhook(rules: TokenRules): Promise<EksTokenWebhook> {
  const verdicts: Verdict[] = [];
  const server = createServer(async (request, response) => {
    try {
      const review = JSON.parse(await text(request)) as { spec?: { token?: string } };
      const verdict = verifyToken(review.spec?.token ?? '', rules);
      verdicts.push(verdict);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(tokenReview(verdict)));
    } catch (error) {
      response.writeHead(400).end(String(error));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/authenticate`,
    rules,
    verdicts,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
