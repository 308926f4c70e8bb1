import { Fault } from '../../fault.ts';
import { DirectLink } from '../../servers/direct.ts';
import { resolverAt } from '../../verify/resolver.ts';
import { verdictJson } from '../../verify/verdict.ts';
import { verify } from '../../verify/verify.ts';
import { type Command, exitCodes } from '../command.ts';
import { painter, printFault } from '../print.ts';
import { serversFor, withSettings } from '../session.ts';
import { verdictLines } from './print.ts';

export const verifyCommand: Command = {
  summary:
    'compare the lists with a Prometheus server: its configuration, its targets, and their names',
  flags: ['prometheus', 'resolver'],
  check: ({ prometheus, resolver }) => {
    if (resolver !== undefined) resolverAt(resolver);
    if (prometheus !== undefined) new DirectLink({ url: prometheus });
  },
  run: withSettings(async (session) => {
    const { args, connection, jobs, signal, surroundings } = session;
    const resolver = args.resolver === undefined ? undefined : resolverAt(args.resolver);
    const places = jobs.flatMap(({ to }) => to);
    if (!resolver && places.every((place) => serversFor(session, place).length === 0)) {
      throw new Fault('usage', 'no Prometheus server and no resolver to query', {
        remedy: 'Use --prometheus URL or --resolver IP, or set prometheus: in the settings.',
      });
    }
    const verdicts = await verify(
      jobs,
      { ...connection, objects: connection.dryRun },
      { signal, resolver, serversOf: (place) => serversFor(session, place) },
    );
    const { stdout, env } = surroundings;
    const agrees = verdicts.every((verdict) => verdict.agrees);
    if (args.json) {
      stdout.write(`${JSON.stringify({ agrees, jobs: verdicts.map(verdictJson) }, null, 2)}\n`);
    } else {
      const paint = painter(stdout, env);
      for (const verdict of verdicts) stdout.write(`${verdictLines(verdict, paint).join('\n')}\n`);
    }
    for (const { fault, job } of verdicts) if (fault) printFault(session, fault, job.name);
    if (verdicts.some(({ fault }) => fault)) return exitCodes.failed;
    return agrees ? exitCodes.done : exitCodes.differs;
  }),
};
