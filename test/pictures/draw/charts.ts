import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Series } from '../samples.ts';
import { type Colour, colour, SERIES } from './picture.ts';

/** Observable Plot draws into a document; Node has none. */
const { document } = parseHTML('<!doctype html><html><body></body></html>');

export interface Chart {
  readonly width: number;
  readonly height: number;
}

/** Over which time, and when something happened. */
export interface Span {
  readonly seconds: number;
  readonly events: readonly number[];
}

/** What Plot draws, without its own style sheet, to be put into a picture. */
export function plotted(options: Plot.PlotOptions, x: number, y: number): string {
  const drawn = Plot.plot({ document, ...options } as Plot.PlotOptions).outerHTML;
  return drawn
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/ class="plot-\w+"/, '')
    .replace('<svg ', `<svg x="${x}" y="${y}" `)
    .replaceAll('currentColor', colour('dim'))
    .replaceAll(/ aria-[a-z]+="[^"]*"/g, '');
}

const minutes = (seconds: number) =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

const frame = ({ width, height }: Chart, { seconds }: Span): Plot.PlotOptions => ({
  width,
  height,
  marginLeft: 50,
  marginRight: 16,
  marginTop: 6,
  marginBottom: 22,
  style: { fontSize: '11px' },
  x: { domain: [0, seconds], ticks: range(0, seconds, 60), tickFormat: minutes, label: null },
});

const happened = ({ events }: Span) =>
  Plot.ruleX(events, { stroke: colour('faint'), strokeDasharray: '2,3' });

/** @param step seconds between two points; where one is missing, the line ends, and begins again */
export function lines(
  all: readonly Series[],
  unit: string,
  chart: Chart,
  span: Span,
  step: number,
): Plot.PlotOptions {
  return {
    ...frame(chart, span),
    y: valueAxis(
      all.flatMap(({ points }) => points.map(([, value]) => value)),
      unit,
    ),
    marks: [
      happened(span),
      ...all.map(({ points }, i) =>
        Plot.lineY(withGaps(points, step), {
          ...{ x: '0', y: '1', stroke: colour(seriesColour(i)), strokeWidth: 1.5 },
        }),
      ),
    ],
  };
}

function withGaps(points: Series['points'], step: number): Series['points'] {
  return points.flatMap((point, i) => {
    const before = points[i - 1];
    return before && point[0] - before[0] > step ? [[before[0], Number.NaN], point] : [point];
  });
}

/** Bars on top of each other; each is as wide as the time that it sums up. */
export function stackedBars(
  all: readonly Series[],
  unit: string,
  chart: Chart,
  span: Span,
  period: number,
) {
  const sums = new Map<number, number>();
  const bars = all.flatMap(({ points }, i) =>
    points.map(([at, value]) => {
      const from = sums.get(at) ?? 0;
      sums.set(at, from + value);
      const half = period * 0.4;
      return { x1: at - half, x2: at + half, y1: from, y2: from + value, fill: seriesColour(i) };
    }),
  );
  return {
    ...frame(chart, span),
    y: valueAxis([...sums.values()], unit),
    marks: [
      happened(span),
      ...SERIES.map((fill) =>
        Plot.rect(
          bars.filter((bar) => bar.fill === fill && bar.y2 > bar.y1),
          { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: colour(fill) },
        ),
      ),
    ],
  };
}

/** A row for each series, green while it is 1 and red while it is 0. */
export function states(all: readonly Series[], chart: Chart, span: Span, step: number) {
  const cells = all.flatMap(({ name, points }) =>
    points.map(([at, value]) => ({ name, x1: at, x2: at + step, up: value === 1 })),
  );
  const row = (up: boolean) =>
    Plot.rect(merged(cells.filter((cell) => cell.up === up)), {
      x1: 'x1',
      x2: 'x2',
      y: 'name',
      insetTop: 2,
      insetBottom: 2,
      fill: colour(up ? 'green' : 'red'),
    });
  return {
    ...frame(chart, span),
    marginLeft: 62,
    y: { type: 'band', domain: all.map(({ name }) => name).sort(), label: null, tickSize: 0 },
    marks: [happened(span), row(true), row(false)],
  } satisfies Plot.PlotOptions;
}

interface Cell {
  readonly name: string;
  readonly x1: number;
  readonly x2: number;
}

/** Neighbours as one. */
function merged(cells: readonly Cell[]): Cell[] {
  const all: Cell[] = [];
  for (const cell of cells) {
    const last = all.at(-1);
    if (last?.name === cell.name && last.x2 === cell.x1) {
      all[all.length - 1] = { ...last, x2: cell.x2 };
    } else all.push(cell);
  }
  return all;
}

/** From 0, with few ticks; whole numbers where the values are. */
function valueAxis(values: readonly number[], unit: string): Plot.ScaleOptions {
  const most = Math.max(0, ...values);
  const whole = values.every(Number.isInteger);
  return {
    domain: [0, most === 0 ? 1 : most * 1.05],
    grid: true,
    label: null,
    ticks: whole && most <= 4 ? range(0, Math.max(1, most), 1) : 4,
    tickFormat: (value: number) => shownValue(value, unit),
  };
}

/** `0.3 s`, `250 ms`, `12` */
export function shownValue(value: number, unit: string): string {
  const rounded = String(+value.toPrecision(value < 1 ? 2 : 3));
  return unit === 's' || unit === 'ms' ? `${rounded} ${unit}` : rounded;
}

export const seriesColour = (i: number): Colour => SERIES[i % SERIES.length] as Colour;

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}
