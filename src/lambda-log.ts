import type { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type Outcome, toJobReport } from './report.ts';

/** One line per list, with counts; names of targets stay out of it but for a refusal's or failure's message. */
export function logOutcome(logger: Logger, outcome: Outcome, durationMs: number): void {
  const { name, to, status, records, targets, added, removed, changed, skipped, warnings, error } =
    toJobReport(outcome);
  const facts = {
    job: name,
    to,
    status,
    records,
    targets,
    added: added.length,
    removed: removed.length,
    changed: changed.length,
    skipped: skipped.length,
    conflicts: outcome.conflicts,
    durationMs,
    ...(warnings.length > 0 && { warnings }),
    ...(error && { error }),
  };
  if (status === 'failed') logger.error('sync', facts);
  else if (status === 'refused' || warnings.length > 0) logger.warn('sync', facts);
  else logger.info('sync', facts);
}

/** How many targets the list holds now: a refused one holds what it held. */
function inList({ status, targets, difference: { added, removed } }: Outcome): number {
  return status === 'refused' ? targets.length - added.length + removed.length : targets.length;
}

/** Metrics by job, written as EMF lines: namespace FederationSync, dimension job. */
export function putMetrics(outcomes: readonly Outcome[], durationMs: number): void {
  for (const [name, lists] of Map.groupBy(outcomes, ({ job }) => job.name)) {
    const metrics = new Metrics({ namespace: 'FederationSync', serviceName: 'federation-sync' });
    // Without this Powertools adds a dimension `service`, and no alarm on `job` alone would see the metric.
    metrics.clearDefaultDimensions();
    metrics.setDefaultDimensions({ job: name });
    const sum = (count: (outcome: Outcome) => number) =>
      lists.reduce((total, outcome) => total + count(outcome), 0);
    const statuses = (...wanted: Outcome['status'][]) =>
      sum(({ status }) => (wanted.includes(status) ? 1 : 0));
    const failed = statuses('failed');
    const refused = statuses('refused');
    // What is in the list is not known of a list that failed or is paused: no number is better than 0.
    if (statuses('written', 'unchanged', 'refused') === lists.length) {
      metrics.addMetric('Targets', MetricUnit.Count, Math.max(...lists.map(inList)));
    }
    const written = (count: (outcome: Outcome) => number) =>
      sum((outcome) => (outcome.status === 'written' ? count(outcome) : 0));
    metrics.addMetric(
      'Added',
      MetricUnit.Count,
      written(({ difference }) => difference.added.length),
    );
    metrics.addMetric(
      'Removed',
      MetricUnit.Count,
      written(({ difference }) => difference.removed.length),
    );
    metrics.addMetric(
      'Skipped',
      MetricUnit.Count,
      sum(({ skipped }) => skipped.length),
    );
    metrics.addMetric(
      'Conflicts',
      MetricUnit.Count,
      sum(({ conflicts }) => conflicts),
    );
    metrics.addMetric('Refused', MetricUnit.Count, refused);
    metrics.addMetric('Failed', MetricUnit.Count, failed);
    metrics.addMetric('Succeeded', MetricUnit.Count, failed + refused === 0 ? 1 : 0);
    metrics.addMetric('Duration', MetricUnit.Milliseconds, durationMs);
    metrics.publishStoredMetrics();
  }
}
