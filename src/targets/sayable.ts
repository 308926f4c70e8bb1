import { OWN_LABEL, type Target } from '../target.ts';
import { addressFault } from './address.ts';

/** Why `also` cannot have a target; undefined if it can. */
export function unsayable({ address, labels }: Target): string | undefined {
  const fault = addressFault(address);
  if (fault) return `the address cannot be scraped: ${fault.reason}`;
  for (const [name, value] of Object.entries(labels)) {
    if (!OWN_LABEL.test(name)) return `the label name ${JSON.stringify(name)} is not valid`;
    if (value === '') return `the label ${name} is empty`;
  }
  // What settings/variables.ts refuses.
  const isReplaced = [address, ...Object.values(labels)].some((text) =>
    /\$\{|\{\{resolve:/.test(text),
  );
  return isReplaced ? 'the packager would replace a part of it' : undefined;
}
