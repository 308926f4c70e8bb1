import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { checkSettings } from '../../src/settings/parse.ts';
import type { AlarmResource } from '../aws/alarm.ts';
import { batchOf, type Deployment } from '../aws/deployment.ts';
import { functionAlarms } from '../aws/function-alarms.ts';
import { jobAlarms } from '../aws/job-alarms.ts';
import { table } from './sections.ts';

/*
 * The alarms of a deployment whose job has everything that alarms depend on, as infra/aws creates them.
 */

const NAME = 'federation-sync-prod';
const serverless = parse(
  readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8'),
  // Tags of osls.
  { logLevel: 'silent' },
);
const { silence, batchWindow } = serverless.params.default;
const timeout = Number(serverless.custom.timeout);
const batch = batchOf(Number(batchWindow), timeout);
if (batch === undefined) throw new Error('serverless.yml: the default of batchWindow is invalid');

const DEPLOYMENT: Deployment = {
  name: NAME,
  region: 'eu-west-1',
  inVpc: false,
  webhook: false,
  timeout,
  silence: Number(silence),
  batch,
};

const SETTINGS = checkSettings(
  {
    cluster: { eks: { name: 'central', region: 'eu-west-1' } },
    jobs: [
      {
        job: 'JOB',
        from: [{ zone: 'Z08214473FVAJ9QTLWTEC' }],
        select: { name: '\\.prometheus\\.internal$' },
        expect: [{ eks: {} }],
        to: [
          {
            configMap: { namespace: 'monitoring', name: 'federation-targets', key: 'targets.yaml' },
            format: 'file_sd',
            prometheus: [
              { service: { namespace: 'monitoring', name: 'prometheus-server', port: 80 } },
            ],
          },
        ],
      },
    ],
  },
  'federation-sync.yml',
  '.',
);

function alarms(): AlarmResource['Properties'][] {
  const all = {
    ...functionAlarms(DEPLOYMENT, { ChangesRule: `${NAME}-changes-1` }),
    ...jobAlarms(SETTINGS, DEPLOYMENT),
  };
  return Object.values(all).map(({ Properties }) => Properties);
}

const nameOf = ({ AlarmName }: AlarmResource['Properties']) =>
  `\`${AlarmName.slice(NAME.length + 1)}\``;

/** For a reader at night. */
export function alarmTable(): string {
  const rows = alarms().map((alarm) => [nameOf(alarm), String(alarm.AlarmDescription)]);
  return table(['alarm', 'meaning, and what to do first'], rows);
}

/** A table of its own, because three columns are towers on a phone. */
export function conditionTable(): string {
  const rows = alarms().map((alarm) => [nameOf(alarm), conditionOf(alarm)]);
  return table(['alarm', 'goes off when'], rows);
}

const OPERATORS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: '≥',
  LessThanThreshold: '<',
};

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Stat: string;
    readonly Metric: { readonly MetricName: string };
  };
}

interface Condition {
  readonly Metrics?: readonly Query[];
  readonly MetricName: string;
  readonly Statistic: string;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  /** Seconds; that of `Metrics` is five minutes. */
  readonly Period?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
}

/** `Failed (sum) ≥ 1, in 2 of 3 periods of 5 minutes` */
function conditionOf(properties: AlarmResource['Properties']): string {
  const alarm = properties as unknown as Condition;
  const { Metrics, EvaluationPeriods: periods, Period = 300 } = alarm;
  const value = Metrics
    ? computedFrom(Metrics)
    : `\`${alarm.MetricName}\` (${alarm.Statistic.toLowerCase()})`;
  const unit = Period === 3600 ? 'an hour' : `${Period / 60} minutes`;
  const points = alarm.DatapointsToAlarm ?? periods;
  const when =
    periods === 1 ? `in one period of ${unit}` : `in ${points} of ${periods} periods of ${unit}`;
  const missing = alarm.TreatMissingData === 'breaching' ? ', or without data' : '';
  return `${value} ${OPERATORS[alarm.ComparisonOperator]} ${alarm.Threshold}, ${when}${missing}`;
}

/** The expression, with the names of the metrics in place of their ids. */
function computedFrom(queries: readonly Query[]): string {
  const expression = queries.find((one) => one.Expression !== undefined)?.Expression ?? '';
  const text = queries.reduce((whole, { Id, MetricStat }) => {
    if (MetricStat === undefined) return whole;
    const name = `${MetricStat.Metric.MetricName}.${MetricStat.Stat}`;
    return whole.replaceAll(new RegExp(`\\b${Id}\\b`, 'g'), name);
  }, expression);
  return `\`${text}\``;
}
