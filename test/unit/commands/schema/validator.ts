import { Ajv } from 'ajv';
import { settingsSchema } from '../../../../src/commands/schema/json-schema.ts';

/** As JSON Schema defines it: a regular expression of ECMA-262. */
const regex = (text: string) => {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
};

export const formats = { regex };

/** What an independent validator says of settings. It refuses keywords and formats that it does not know. */
export const accepts = new Ajv({
  allErrors: true,
  strict: false,
  strictSchema: true,
  formats,
}).compile(settingsSchema());
