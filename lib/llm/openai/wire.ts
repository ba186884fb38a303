import * as z from 'zod';
import { ModelError } from '../llm.ts';

const Piece = z.object({
  content: z.string().nullish(),
  /** Two spellings of the same: llama-server and vLLM before and after 0.12. */
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
});

/** One frame of a stream, or a whole answer, as far as it is read. Servers add fields of their own. */
const Frame = z.object({
  choices: z.array(
    z.object({
      delta: Piece.nullish(),
      message: Piece.nullish(),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int().default(0) }).nullish(),
});
export type Frame = z.infer<typeof Frame>;

const ModelList = z.object({
  data: z.array(z.object({ id: z.string().min(1) })),
  // Another instance of this service answers the same path, and serves no models: only it counts its workers.
  workers_alive: z.undefined().optional(),
});

/** Servers word it each in their own way and status; what they share is this. */
const OVERFLOW =
  /context (?:length|size|window)|exceed_context|maximum context|too many tokens|prompt is too long|exceeds? the (?:available|model'?s) context|n_ctx/i;

export function parseFrame(text: string): Frame {
  const json = parseJson(text);
  const told = errorIn(json);
  if (told !== undefined)
    throw new ModelError(kindOf(told) ?? 'protocol', `the model server reports: ${told}`);
  const parsed = Frame.safeParse(json);
  if (!parsed.success) throw notUnderstood(text);
  return parsed.data;
}

export function parseModelList(text: string): string[] {
  const parsed = ModelList.safeParse(parseJson(text));
  if (!parsed.success) throw notUnderstood(text);
  return parsed.data.data.map(({ id }) => id);
}

/** What an HTTP error of a model server means. */
export function refusalOf(status: number, body: string): ModelError {
  const told = errorIn(tryJson(body)) ?? excerpt(body);
  const message = `the model server answered ${status}${told === '' ? '' : `: ${told}`}`;
  return new ModelError(kindOf(body) ?? 'http', message, { status });
}

function kindOf(text: string): 'context_overflow' | undefined {
  return OVERFLOW.test(text) ? 'context_overflow' : undefined;
}

function parseJson(text: string): unknown {
  const json = tryJson(text);
  if (json === undefined) throw notUnderstood(text);
  return json;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function notUnderstood(text: string): ModelError {
  return new ModelError(
    'protocol',
    `not an answer of an OpenAI-compatible server: ${excerpt(text)}`,
  );
}

const Told = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ error: z.object({}).loose() }).transform(({ error }) => JSON.stringify(error)),
  z.object({ object: z.literal('error'), message: z.string() }).transform(({ message }) => message),
]);

function errorIn(json: unknown): string | undefined {
  const told = Told.safeParse(json);
  return told.success ? excerpt(told.data) : undefined;
}

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}...` : line;
}
