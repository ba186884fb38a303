import * as z from 'zod';

const BatchAnswer = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish(),
});

/**
 * Ids of the messages that a partial batch answer reports as failed. Nothing reported: none. An answer in another form,
 * or an id that was not in the batch: all, as on Lambda.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedMessages(answer: unknown, ids: readonly string[]): Set<string> {
  const parsed = BatchAnswer.safeParse(answer ?? {});
  if (!parsed.success) return new Set(ids);
  const reported = (parsed.data.batchItemFailures ?? []).map(
    ({ itemIdentifier }) => itemIdentifier,
  );
  return new Set(reported.every((id) => ids.includes(id)) ? reported : ids);
}
