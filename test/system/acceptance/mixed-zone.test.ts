import { startAws } from '../../support/emulators/aws.ts';
import { inProcess } from './cli.ts';
import { syncsAMixedZone } from './scenario.ts';

syncsAMixedZone(async () => {
  const aws = await startAws();
  const env = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
  };
  return { endpoint: aws.url, env, stop: () => aws.close() };
}, inProcess);
