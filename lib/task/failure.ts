import * as z from 'zod';

/** Why a run could not end by itself. */
export const FailureCode = z.enum([
  'attempts_exhausted',
  'budget_exhausted',
  'no_eligible_model',
  'model_unavailable',
  'no_usable_answer',
  'input_denied',
  'input_missing',
  'internal_error',
]);
export type FailureCode = z.infer<typeof FailureCode>;

export const Failure = z.object({
  code: FailureCode,
  message: z.string(),
  remedy: z.string().optional(),
});
export type Failure = z.infer<typeof Failure>;
