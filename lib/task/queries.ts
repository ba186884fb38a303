import * as z from 'zod';
import { Language } from './payload.ts';
import { TaskStatus } from './state.ts';
import { VerdictName } from './verdict.ts';

/** Query parameters arrive as text: numbers and flags are read from it, unknown names are refused. */

const Flag = z
  .enum(['true', 'false', '1', '0', ''])
  .transform((text) => text !== 'false' && text !== '0');

export const SubmitQuery = z.strictObject({ dry_run: Flag.default(false) });

export const ListQuery = z.strictObject({
  status: TaskStatus.optional(),
  verdict: VerdictName.optional(),
  language: Language.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  /** `next_cursor` of the page before. */
  cursor: z.string().max(200).optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const ModelsQuery = z.strictObject({
  language: Language.optional(),
  /** Comma list. */
  frameworks: z
    .string()
    .max(1_000)
    .transform((text) => text.split(',').filter((name) => name !== ''))
    .optional(),
  /** Tokens that the prompt and the answer need together. */
  context: z.coerce.number().int().min(1).max(100_000_000).optional(),
  /** With `latency_ms`: whether this many tokens can be generated in time. */
  max_tokens: z.coerce.number().int().min(1).max(1_000_000).optional(),
  latency_ms: z.coerce.number().int().min(1).max(86_400_000).optional(),
  /** The ineligible too, and those that are known by name and not served. */
  all: Flag.default(false),
});
export type ModelsQuery = z.infer<typeof ModelsQuery>;

export const StreamQuery = z.strictObject({
  /** Last sequence already seen. */
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
});

/** `?live`: liveness alone. */
export const HealthQuery = z.strictObject({ live: Flag.default(false) });
