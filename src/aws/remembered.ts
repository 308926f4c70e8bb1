import type { Route53Client } from '@aws-sdk/client-route-53';
import type { HttpResponse } from '@smithy/core/protocols';

/** In bytes: of listings with some 700 record sets. Beyond, memory matters more than the time. */
const MOST_KEPT = 256 * 1024;

interface Answer {
  readonly bytes: Buffer;
  /** Not to be changed. */
  readonly output: object;
}

/** What the SDK calls to turn an answer into a command's output. */
type Parse = (
  operation: { readonly name: string },
  context: { readonly streamCollector: (body: unknown) => Promise<Uint8Array> },
  response: HttpResponse,
) => Promise<object>;

/**
 * Makes the client keep the listings that it parses: where a later answer has the same bytes, its output has the same
 * ResourceRecordSets, the array itself. Most runs find the zone as the run before them, and parsing is a fifth of what a
 * warm run computes. Each run still asks the service.
 */
export function rememberListings(client: Route53Client): Route53Client {
  const protocol = client.config.protocol as unknown as { deserializeResponse: Parse };
  const parse = protocol.deserializeResponse.bind(protocol);
  const kept: Answer[] = [];
  protocol.deserializeResponse = async (operation, context, response) => {
    const { statusCode } = response;
    if (operation.name !== 'ListResourceRecordSets' || statusCode !== 200) {
      return parse(operation, context, response);
    }
    const body = await context.streamCollector(response.body);
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const known = kept.find((answer) => answer.bytes.equals(bytes));
    if (known) return { ...known.output, $metadata: { httpStatusCode: statusCode } };
    const output = await parse(operation, context, Object.assign(response, { body }));
    keep(kept, { bytes, output });
    return output;
  };
  return client;
}

/** The latest answers that are within the limit. */
function keep(kept: Answer[], answer: Answer): void {
  if (answer.bytes.length > MOST_KEPT) return;
  kept.push(answer);
  let total = kept.reduce((sum, { bytes }) => sum + bytes.length, 0);
  while (total > MOST_KEPT) total -= (kept.shift() as Answer).bytes.length;
}
