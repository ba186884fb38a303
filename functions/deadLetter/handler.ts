import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deadLetterBatch } from '../../lib/app/deadLetter.ts';
import { app } from '../../lib/compose.ts';
import { flushMeasures } from '../../lib/http/measure.ts';

/** Triggered by the dead-letter queue; only the messages that could not be handled come again. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const deps = await app();
  const letters = event.Records.map(({ messageId, body }) => ({ messageId, body }));
  const failed = await deadLetterBatch(deps, letters);
  await flushMeasures(deps);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
