import { Route53Client } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll } from 'vitest';
import { describeWith } from '../parts/available.ts';
import { type Moto, startMoto } from '../parts/moto.ts';
import { listingContract, MOTO } from './listing-contract.ts';

describeWith('moto', 'lists as the emulator does, except for the documented differences', () => {
  let moto: Moto;
  let client: Route53Client;

  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    client = new Route53Client({ endpoint: moto.endpoint, region: 'us-east-1', credentials });
  });
  afterAll(() => moto?.stop());

  listingContract(() => client, MOTO);
});
