import type * as z from 'zod';
import { type Flaw, Refusal, type RefusalKind } from '../kernel/errors.ts';
import type { ProblemBody } from '../task/answers.ts';
import type { Answer } from './answer.ts';

interface Rendering {
  status: number;
  title: string;
  retryable: boolean;
}

const RENDERINGS: Record<RefusalKind, Rendering> = {
  malformed: { status: 400, title: 'Bad Request', retryable: false },
  unauthenticated: { status: 401, title: 'Unauthorized', retryable: false },
  forbidden: { status: 403, title: 'Forbidden', retryable: false },
  not_found: { status: 404, title: 'Not Found', retryable: false },
  method_not_allowed: { status: 405, title: 'Method Not Allowed', retryable: false },
  conflict: { status: 409, title: 'Conflict', retryable: false },
  too_large: { status: 413, title: 'Content Too Large', retryable: false },
  unsupported_media_type: { status: 415, title: 'Unsupported Media Type', retryable: false },
  invalid: { status: 422, title: 'Unprocessable Content', retryable: false },
  rate_limited: { status: 429, title: 'Too Many Requests', retryable: true },
  unavailable: { status: 503, title: 'Service Unavailable', retryable: true },
};

const UNEXPECTED: Rendering = { status: 500, title: 'Internal Server Error', retryable: true };
const RETRY_AFTER_SECONDS = 5;

/** The one place that turns an error into an answer (RFC 9457). What was not expected tells nothing of itself. */
export function problemAnswer(error: unknown, instance: string): Answer {
  return error instanceof Refusal ? refusalAnswer(error, instance) : unexpectedAnswer(instance);
}

export function isExpected(error: unknown): error is Refusal {
  return error instanceof Refusal;
}

function refusalAnswer(refusal: Refusal, instance: string): Answer {
  const rendering = RENDERINGS[refusal.kind];
  const { code, remedy, errors } = refusal;
  return render(rendering, {
    detail: refusal.message,
    instance,
    code,
    ...(remedy === undefined ? {} : { remedy }),
    errors,
    headers: {
      ...(refusal.kind === 'unauthenticated' ? { 'www-authenticate': 'ApiKey' } : {}),
      ...(rendering.retryable
        ? { 'retry-after': String(refusal.retryAfterSeconds ?? RETRY_AFTER_SECONDS) }
        : {}),
    },
  });
}

function unexpectedAnswer(instance: string): Answer {
  return render(UNEXPECTED, {
    detail: 'the service failed in a way that it did not expect',
    instance,
    code: 'internal_error',
    remedy: 'try again; if it goes on, look for the request id in the log of the service',
    errors: [],
    headers: {},
  });
}

type Particulars = Pick<ProblemBody, 'detail' | 'instance' | 'code' | 'remedy' | 'errors'> & {
  headers: Record<string, string>;
};

function render({ status, title, retryable }: Rendering, particulars: Particulars): Answer {
  const { headers, ...rest } = particulars;
  const body: ProblemBody = { type: 'about:blank', title, status, retryable, ...rest };
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify(body),
  };
}

/** Everything that is wrong with the input, an unknown field each by its own pointer. */
export function refuseInvalid(error: z.ZodError, where: 'body' | 'query'): Refusal {
  const errors = error.issues.flatMap((issue) => flawsOf(issue, UNKNOWN[where]));
  return refuseFlaws(errors, where, error);
}

export function refuseFlaws(errors: Flaw[], where: 'body' | 'query', cause?: Error): Refusal {
  return new Refusal('invalid', `the ${where} has ${countOf(errors)}: ${firstOf(errors)}`, {
    code: where === 'body' ? 'body_invalid' : 'query_invalid',
    remedy: 'GET /openapi.json describes what is accepted',
    errors,
    cause,
  });
}

const UNKNOWN = { body: 'unknown field', query: 'unknown parameter' } as const;
/** The rest of a long list is in `errors`. */
const TOLD_FLAWS = 3;

function flawsOf(issue: z.core.$ZodIssue, unknown: string): Flaw[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ pointer: pointerTo(issue.path), detail: issue.message }];
  }
  return issue.keys.map((key) => ({
    pointer: pointerTo([...issue.path, key]),
    detail: `${unknown} ${JSON.stringify(key)}`,
  }));
}

function countOf(errors: Flaw[]): string {
  return errors.length === 1 ? 'one flaw' : `${errors.length} flaws`;
}

function firstOf(errors: Flaw[]): string {
  const told = errors
    .slice(0, TOLD_FLAWS)
    .map(({ pointer, detail }) => (pointer === '' ? `it ${detail}` : `${pointer} ${detail}`));
  const rest = errors.length - told.length;
  return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

/** RFC 6901: "~" and "/" inside a name are escaped. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
