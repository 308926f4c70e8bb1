import * as Plot from '@observablehq/plot';
import { median } from '../../bench/figures.ts';
import { type Delay, summaryOf } from '../samples.ts';
import { plotted } from './charts.ts';
import { type Colour, colour, type Picture, text } from './picture.ts';

const WIDTH = 800;
const ROW = 92;
const LEFT = 8;

/** Every round as a dot on a logarithmic scale of seconds, a row for each variant, with its median. */
export function delayPicture({ date, command, machine, seconds }: Delay): Picture {
  const variants = Object.entries(seconds);
  const domain: [number, number] = [0.1, 120];
  const rows = variants.map(([name, all], i) => {
    const y = 52 + i * ROW;
    const fill: Colour = name.includes('without') ? 'orange' : 'blue';
    const { median: middle, slowest } = summaryOf(all);
    const label = `${name}: median ${middle}, slowest ${slowest} (${all.length} rounds)`;
    const options: Plot.PlotOptions = {
      width: WIDTH - 2 * LEFT,
      height: ROW - 26,
      margin: 20,
      marginTop: 0,
      marginBottom: 2,
      x: { type: 'log', domain, axis: null },
      marks: [
        Plot.ruleX([0.1, 1, 10, 100], { stroke: colour('faint') }),
        Plot.dot(
          all.map((value) => ({ value })),
          Plot.dodgeY({ x: 'value', r: 3, fill: colour(fill), anchor: 'bottom' }),
        ),
        Plot.ruleX([median(all)], { stroke: colour('text'), strokeWidth: 2 }),
      ],
    };
    return text(LEFT + 20, y + 4, label, { weight: 'bold' }) + plotted(options, LEFT, y + 10);
  });
  const bottom = 52 + variants.length * ROW;
  const axis: Plot.PlotOptions = {
    width: WIDTH - 2 * LEFT,
    height: 26,
    margin: 20,
    marginTop: 0,
    marginBottom: 20,
    x: { type: 'log', domain, label: null },
    marks: [
      Plot.axisX([0.1, 1, 10, 100], { tickFormat: (value: number) => `${value} s`, fontSize: 12 }),
    ],
  };
  const title = `From a record's change to the target in Prometheus: ${date}, real kubelet`;
  return {
    width: WIDTH,
    height: bottom + 34,
    title,
    description: `Seconds of each round, on a logarithmic scale. ${command}, ${date}, ${machine}.`,
    content: [
      text(LEFT + 20, 24, title, { size: 14, weight: 'bold' }),
      ...rows,
      plotted(axis, LEFT, bottom),
    ].join('\n'),
  };
}
