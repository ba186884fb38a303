import * as z from 'zod';
import { ModelError } from '../llm.ts';

/** Servers word it each in their own way and status; what they share is this. */
const OVERFLOW =
  /context (?:length|size|window)|exceed_context|maximum context|too many tokens|prompt is too long|exceeds? the (?:available|model'?s) context|n_ctx/i;

const Told = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ error: z.object({}).loose() }).transform(({ error }) => JSON.stringify(error)),
  z.object({ object: z.literal('error'), message: z.string() }).transform(({ message }) => message),
]);

/** What an HTTP error of a model server means. */
export function refusalOf(status: number, body: string): ModelError {
  const told = errorIn(tryJson(body)) ?? excerpt(body);
  const message = `the model server answered ${status}${told === '' ? '' : `: ${told}`}`;
  return new ModelError(kindOf(body) ?? 'http', message, { status });
}

/**
 * One piece of an answer as the schema has it. Throws `ModelError` for an error object, which some servers send with
 * status 200 or in the middle of a stream, and for everything else that `server` would not say.
 */
export function readPiece<T>(schema: z.ZodType<T>, text: string, server: string): T {
  const json = tryJson(text);
  const told = errorIn(json);
  if (told !== undefined)
    throw new ModelError(kindOf(told) ?? 'protocol', `the model server reports: ${told}`);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ModelError('protocol', `not an answer of ${server}: ${excerpt(text)}`);
}

function kindOf(text: string): 'context_overflow' | undefined {
  return OVERFLOW.test(text) ? 'context_overflow' : undefined;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function errorIn(json: unknown): string | undefined {
  const told = Told.safeParse(json);
  return told.success ? excerpt(told.data) : undefined;
}

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}...` : line;
}
