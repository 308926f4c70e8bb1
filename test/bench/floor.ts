/*
 * The least that a cold first sync can cost with the packages that we use: its six calls one after the other as far
 * as they must be, the SDK's for Route 53 and EKS, Node's own for Kubernetes. No settings, no document, no guard, no log.
 */
import https from 'node:https';
import {
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type Route53ClientConfig,
} from '@aws-sdk/client-route-53';
import { parseEvents } from 'js-yaml';
import { EksClient } from '../../src/aws/eks-client.ts';
import { CLUSTER, NAMESPACE, OBJECT, ZONE } from './names.ts';

const quiet = () => undefined;
const config = {
  requestHandler: { httpsAgent: { rejectUnauthorized: true } },
  logger: { trace: quiet, debug: quiet, warn: quiet },
  region: 'eu-west-1',
} as unknown as Route53ClientConfig;
const agent = new https.Agent({ keepAlive: true });

/** Without a token: what it costs is the connection and the answer. */
const read = (url: string, ca: string) =>
  new Promise<string>((resolve, reject) => {
    const request = https.request(url, { ca, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(text));
    });
    request.on('error', reject).end();
  });

export const handler = async () => {
  const route53 = new Route53Client(config);
  const [, , cluster] = await Promise.all([
    route53.send(new GetHostedZoneCommand({ Id: ZONE })),
    route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE, MaxItems: 300 })),
    new EksClient(config).describeCluster(CLUSTER, new AbortController().signal),
  ]);
  const ca = Buffer.from(cluster?.certificateAuthority?.data ?? '', 'base64').toString();
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/${OBJECT}`;
  for (let i = 0; i < 3; i++) await read(`${cluster?.endpoint}${path}`, ca);
  parseEvents('a: [b]\n', { maxDepth: 100 });
  return { jobs: [] };
};
