import { describeWith } from '../../support/parts/available.ts';
import { startMoto } from '../../support/parts/moto.ts';
import { listsHostedZones } from './contract.ts';

describeWith('moto', 'lists hosted zones', () => {
  listsHostedZones(startMoto, {
    escapes: false,
    foldsCase: false,
    continuesByIdentifier: false,
    order: (name) => name.replace(/\.$/, '').split('.').reverse().join('.'),
  });
});
