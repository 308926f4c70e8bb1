import { afterAll, vi } from 'vitest';

// The files of the fast project share a process: loading the SDKs again for each of them takes as long as the tests
// themselves. So the process is left as it was: its environment, which a test may also replace, its clock, its spies.

const environment = process.env;
const values = { ...environment };

afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.env = environment;
  for (const name of Object.keys(environment)) if (!(name in values)) delete environment[name];
  Object.assign(environment, values);
});
