import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fixture as AWS sends it, fresh for every caller to alter. */
function read(name: string) {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8'));
}

/** CloudTrail's event of a change; `detail` and `requestParameters` are laid over the fixture's own. */
export function changeEvent(detail: Record<string, unknown> = {}) {
  const event = read('change-resource-record-sets');
  return { ...event, detail: { ...event.detail, ...detail } };
}

/** The same, for another zone. */
export function changeOf(hostedZoneId: string) {
  return changeEvent({ requestParameters: { hostedZoneId, changeBatch: { changes: [] } } });
}

export const deleteEvent = () => read('delete-hosted-zone');
export const scheduleEvent = () => read('schedule');
export const schedulerEvent = () => read('scheduler');

/** An SQS batch with these bodies; anything other than text is sent as JSON. The messages are called m0, m1 … */
export function sqsEvent(...bodies: unknown[]) {
  return {
    Records: bodies.map((body, i) => ({
      ...read('sqs-record'),
      messageId: `m${i}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  };
}
