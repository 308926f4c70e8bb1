import { bare, buildFloor, deployed } from './bundles.ts';
import { type Answer, startContainer } from './container.ts';
import { interleaved, median, type Section } from './figures.ts';
import { startWorld } from './world.ts';

/** What one container used until its handler was imported, for its first sync (it writes), and for three later ones. */
interface Life {
  readonly ready: Used;
  readonly first: Used;
  readonly second: Used;
  readonly third: Used;
  /** After a name was registered; before the others, only the document was changed. */
  readonly changed: Used;
}

interface Used {
  readonly ms: number;
  readonly cpuMs: number;
}

/**
 * Processor and wall time by phase, for 100 targets and no latency. `against` is another bundle to compare with, in
 * the same rounds.
 */
export async function phases(runs: number, against?: string): Promise<Section> {
  const world = await startWorld({ clusters: 100, records: 102 });
  try {
    const env = world.env;
    const folders = {
      bare: bare(),
      floor: await buildFloor(),
      ours: deployed(undefined, world.settings),
      ...(against !== undefined && { against: deployed(against, world.settings) }),
    };
    const life = async (folder: string): Promise<Life> => {
      world.resetDocument();
      const container = await startContainer({ folder, env });
      try {
        const answers: Answer[] = [];
        for (let i = 0; i < 4; i++) {
          // What differs from what the sync before it found: a write each time.
          if (i > 0) world.resetDocument();
          if (i === 3) world.register('one-more');
          answers.push(await container.invoke({}));
        }
        world.deregister('one-more');
        return lifeOf(answers as [Answer, Answer, Answer, Answer]);
      } finally {
        container.stop();
      }
    };
    const {
      bare: bareLives,
      floor,
      ours,
      ...others
    } = await interleaved<string, Life>(runs, {
      bare: () => life(folders.bare),
      floor: () => life(folders.floor),
      ours: () => life(folders.ours),
      ...(folders.against && { against: () => life(folders.against as string) }),
    });
    const base = medians(bareLives as Life[]);
    const rows = (name: string, lives: readonly Life[]) => {
      const all = medians(lives);
      const cold = (used: Used) => [used.cpuMs, used.cpuMs / base.ready.cpuMs];
      const row = (what: string, used: Used) =>
        [`${name}: ${what}`, ...cold(used), used.ms, used.ms / base.ready.ms] as const;
      return [
        row('handler imported', all.ready),
        row('first sync answered', all.first),
        row('second sync alone', all.second),
        row('third sync alone', all.third),
        row('fourth, with a name more', all.changed),
      ];
    };
    const mine = medians(ours as Life[]);
    const least = medians(floor as Life[]);
    const theirs = others.against && medians(others.against);
    return {
      table: {
        title: `Phases: 100 targets, no latency, each sync writes, medians of ${runs} runs`,
        columns: ['', 'CPU ms', 'x bare node', 'ms', 'x bare node'],
        rows: [
          ['bare node: started', base.ready.cpuMs, 1, base.ready.ms, 1],
          ...rows('the same calls alone', floor as Life[]).slice(0, 2),
          ...rows('the deployed bundle', ours as Life[]),
          ...(others.against ? rows('compared with', others.against) : []),
        ],
      },
      figures: [
        {
          id: 'phases.first',
          what: 'Processor time of a cold first sync of 100 targets',
          value: mine.first.cpuMs / base.ready.cpuMs,
          unit: 'x bare node',
          goal: 4.8,
        },
        {
          id: 'phases.floor',
          what: 'the same of its calls alone, with the SDK and nothing of ours',
          value: least.first.cpuMs / base.ready.cpuMs,
          unit: 'x bare node',
        },
        {
          id: 'phases.ready.cpu',
          what: 'Processor time until the handler is imported',
          value: mine.ready.cpuMs / base.ready.cpuMs,
          unit: 'x bare node',
          goal: 2.2,
        },
        {
          id: 'phases.ready.wall',
          what: 'Time until the handler is imported',
          value: mine.ready.ms / base.ready.ms,
          unit: 'x bare node',
          goal: 2.2,
        },
        ...(theirs
          ? [
              {
                id: 'phases.second',
                what: 'Processor time of a second sync',
                value: mine.second.cpuMs / theirs.second.cpuMs,
                unit: 'x the bundle that it is compared with',
                goal: 0.65,
              },
            ]
          : []),
      ],
    };
  } finally {
    await world.close();
  }
}

function lifeOf([first, second, third, changed]: readonly [Answer, Answer, Answer, Answer]): Life {
  const since = (before: Answer, after: Answer) => ({
    ms: after.ms,
    cpuMs: after.cpuMs - before.cpuMs,
  });
  return {
    ready: first.ready,
    first: { ms: first.ms, cpuMs: first.cpuMs },
    second: since(first, second),
    third: since(second, third),
    changed: since(third, changed),
  };
}

function medians(lives: readonly Life[]): Life {
  const of = (phase: keyof Life) => ({
    ms: median(lives.map((life) => life[phase].ms)),
    cpuMs: median(lives.map((life) => life[phase].cpuMs)),
  });
  return {
    ...{ ready: of('ready'), first: of('first') },
    ...{ second: of('second'), third: of('third'), changed: of('changed') },
  };
}
