import * as Plot from '@observablehq/plot';
import { median } from '../../bench/figures.ts';
import { type Delay, summaryOf } from '../samples.ts';
import { plotted } from './charts.ts';
import { type Colour, colour, type Layout, type Picture, text } from './picture.ts';

const SIZES = {
  wide: { width: 800, top: 52, label: 18, dots: 66, row: 92 },
  narrow: { width: 400, top: 72, label: 36, dots: 80, row: 126 },
};
const LEFT = 8;

/** Every round as a dot on a logarithmic scale of seconds, a row for each variant, with its median. */
export function delayPicture(
  { date, command, machine, seconds }: Delay,
  layout: Layout = 'wide',
): Picture {
  const { width, top, label, dots, row } = SIZES[layout];
  /** One line, or one for each part. */
  const lines = (y: number, parts: readonly string[], size = 13) =>
    (layout === 'wide' ? [parts.join(': ')] : parts)
      .map((part, i) => text(LEFT + 20, y + 18 * i, part, { size, weight: 'bold' }))
      .join('');
  const variants = Object.entries(seconds);
  const domain: [number, number] = [0.1, 120];
  const rows = variants.map(([name, all], i) => {
    const y = top + i * row;
    const fill: Colour = name.includes('without') ? 'orange' : 'blue';
    const { median: middle, slowest } = summaryOf(all);
    const found = `median ${middle}, slowest ${slowest} (${all.length} rounds)`;
    const options: Plot.PlotOptions = {
      width: width - 2 * LEFT,
      height: dots,
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
    return lines(y + 4, [name, found]) + plotted(options, LEFT, y + label - 8);
  });
  const bottom = top + variants.length * row;
  const axis: Plot.PlotOptions = {
    width: width - 2 * LEFT,
    height: 26,
    margin: 20,
    marginTop: 0,
    marginBottom: 20,
    x: { type: 'log', domain, label: null },
    marks: [
      Plot.axisX([0.1, 1, 10, 100], { tickFormat: (value: number) => `${value} s`, fontSize: 12 }),
    ],
  };
  const title = ["From a record's change to the target in Prometheus", `${date}, real kubelet`];
  return {
    width,
    height: bottom + 34,
    title: title.join(': '),
    description: `Seconds of each round, on a logarithmic scale. ${command}, ${date}, ${machine}.`,
    content: [
      lines(24, title, layout === 'wide' ? 14 : 12),
      ...rows,
      plotted(axis, LEFT, bottom),
    ].join('\n'),
  };
}
