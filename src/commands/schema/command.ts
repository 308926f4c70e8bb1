import { type Command, exitCodes } from '../command.ts';
import { schemaText } from './json-schema.ts';

/** Prints the JSON Schema of the settings; needs no settings. */
export const schemaCommand: Command = {
  summary: 'print the JSON Schema of the settings, for completion and checks in an editor',
  flags: [],
  run: async ({ surroundings: { stdout } }) => {
    stdout.write(schemaText());
    return exitCodes.done;
  },
};
