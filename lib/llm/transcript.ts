import * as z from 'zod';

const RecordedAnswer = z
  .strictObject({
    /** Goal of the task, word for word. */
    goal: z.string().min(1),
    /** Journal key of the step that is answered, for example `code.1`; `code.*` for all that begin so. */
    step: z.string().min(1),
    text: z.string().min(1),
    /** The same text as it was streamed; cut evenly when absent. */
    chunks: z.array(z.string()).optional(),
  })
  .refine(({ text, chunks }) => chunks === undefined || chunks.join('') === text, {
    message: 'chunks must make up text',
    path: ['chunks'],
  });
export type RecordedAnswer = z.infer<typeof RecordedAnswer>;

const Transcript = z
  .strictObject({ answers: z.array(RecordedAnswer) })
  .superRefine((all, context) => {
    const seen = new Set<string>();
    for (const [index, { goal, step }] of all.answers.entries()) {
      const key = JSON.stringify([goal.trim(), step]);
      if (seen.has(key)) {
        const message = `a second answer for step ${step} of the same goal`;
        context.addIssue({ code: 'custom', message, path: ['answers', index] });
      }
      seen.add(key);
    }
  });
/** Answers that were recorded, or written by hand, to be given again. */
export type Transcript = z.infer<typeof Transcript>;

/** `source` names the file in the message. Throws an `Error` that lists every flaw. */
export function parseTranscript(json: unknown, source: string): Transcript {
  const parsed = Transcript.safeParse(json);
  if (parsed.success) return parsed.data;
  const flaws = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${source} is no transcript: ${flaws.join('; ')}`, { cause: parsed.error });
}
