import middy from '@middy/core';
import jsonBodyParser from '@middy/http-json-body-parser';
import type * as z from 'zod';
import type { AppDeps } from '../app/app.ts';
import { Refusal } from '../kernel/errors.ts';
import { flawWords } from '../kernel/flawWords.ts';
import type { Span } from '../telemetry/telemetry.ts';
import type { Answer } from './answer.ts';
import type { Access, Caller } from './apiKey.ts';
import { prepareBody } from './body.ts';
import { admit, admittedCall, type RoutedEvent } from './call.ts';
import { isExpected, pointerTo, refuseFlaws, refuseInvalid } from './problem.ts';
import { renderAnswer, renderError } from './render.ts';
import type { HttpRequest } from './request.ts';

export interface RouteDefinition<B, Q> {
  /** Method and path with their parameters in braces: `GET /v1/tasks/{id}`. */
  name: string;
  access: Access;
  app: () => Promise<AppDeps>;
  /** Without it the body is ignored. */
  body?: z.ZodType<B>;
  /** What no body at all means; refused unless said otherwise. */
  emptyBody?: 'empty object';
  /** Without it the query is ignored. */
  query?: z.ZodType<Q>;
}

/** One request that was let in: known caller, parsed body and query. */
export interface RouteCall<B, Q> {
  deps: AppDeps;
  request: HttpRequest;
  caller: Caller;
  body: B;
  query: Q;
  span: Span;
  /** Milliseconds until the function is stopped from outside. */
  remainingMs: number;
}

export type AnswerCall<B, Q> = (call: RouteCall<B, Q>) => Promise<Answer>;
export type ExecutionMode = middy.PluginObject['executionMode'];

/** The stack that every route shares: one place for problems, access, limits, parsing and the server span. */
export function route<B, Q>(
  definition: RouteDefinition<B, Q>,
  answer: AnswerCall<B, Q>,
  executionMode?: ExecutionMode,
) {
  return middy<RoutedEvent>({
    timeoutEarlyResponse: tookTooLong,
    ...(executionMode === undefined ? {} : { executionMode }),
  })
    .use({ after: renderAnswer, onError: renderError })
    .before(({ event }) => admit(event, definition))
    .use(definition.body === undefined ? [] : readJson(definition.emptyBody ?? 'refuse'))
    .handler((event, context) =>
      answerInSpan(definition, event, (span) => {
        const { deps, request, caller } = admittedCall(event);
        return answer({
          deps,
          request,
          caller,
          span,
          body: parse(definition.body, event.body, 'body'),
          query: parseQuery(definition.query, request),
          remainingMs: context.getRemainingTimeInMillis(),
        });
      }),
    );
}

function readJson(whenEmpty: 'refuse' | 'empty object') {
  const prepare: middy.MiddlewareObj<RoutedEvent> = {
    before: ({ event }) => prepareBody(event, whenEmpty),
  };
  return [prepare, jsonBodyParser()];
}

/** A refusal is an ordinary answer: the span ends well and says which. */
async function answerInSpan(
  definition: Pick<RouteDefinition<unknown, unknown>, 'name'>,
  event: RoutedEvent,
  work: (span: Span) => Promise<Answer>,
): Promise<Answer> {
  const call = admittedCall(event);
  const [method = '', path = ''] = definition.name.split(' ');
  const attributes = { 'http.request.method': method, 'http.route': path };
  const { traceparent: parent } = call.request.headers;
  const outcome = await call.deps.telemetry.tracer.span(
    definition.name,
    { parent, attributes },
    async (span) => {
      Object.assign(call.headers, { traceparent: span.traceparent });
      try {
        const answer = await work(span);
        span.set({ 'http.response.status_code': answer.status });
        return { answer };
      } catch (error) {
        if (!isExpected(error)) throw error;
        span.set({ 'error.type': error.code });
        return { error };
      }
    },
  );
  if ('error' in outcome) throw outcome.error;
  return outcome.answer;
}

function parse<T>(schema: z.ZodType<T> | undefined, value: unknown, where: 'body' | 'query'): T {
  const parsed = schema?.safeParse(value, { error: flawWords });
  if (parsed?.success === false) throw refuseInvalid(parsed.error, where);
  // Without a schema T is whatever the route asks for, and it asks for nothing.
  return parsed?.data as T;
}

/** Of two values one would win in silence. */
function parseQuery<Q>(schema: z.ZodType<Q> | undefined, { query, repeated }: HttpRequest): Q {
  if (schema !== undefined && repeated.length > 0) {
    throw refuseFlaws(
      repeated.map((name) => ({ pointer: pointerTo([name]), detail: 'stands more than once' })),
      'query',
    );
  }
  return parse(schema, query, 'query');
}

function tookTooLong(): never {
  throw new Refusal('unavailable', 'the answer took too long', {
    code: 'timed_out',
    remedy: 'try again; with an Idempotency-Key a submit that went through is not repeated',
  });
}
