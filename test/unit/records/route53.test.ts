import { nameOrder } from '../../support/emulators/aws/record-name.ts';
import { startAws } from '../../support/emulators/aws.ts';
import { listsHostedZones } from './contract.ts';

listsHostedZones(
  async () => {
    const aws = await startAws();
    return { endpoint: aws.url, stop: () => aws.close() };
  },
  { escapes: true, foldsCase: true, continuesByIdentifier: true, order: nameOrder },
);
