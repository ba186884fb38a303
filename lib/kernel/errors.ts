export type RefusalKind =
  | 'malformed' // 400
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not_found' // 404
  | 'method_not_allowed' // 405
  | 'conflict' // 409
  | 'too_large' // 413
  | 'unsupported_media_type' // 415
  | 'invalid' // 422
  | 'rate_limited' // 429
  | 'unavailable'; // 503

/** One thing that is wrong with the input; `pointer` is an RFC 6901 JSON pointer into the body. */
export interface Flaw {
  pointer: string;
  detail: string;
}

interface RefusalOptions {
  /** Stable machine-readable name, for example `task_not_found`. */
  code: string;
  /** What the user can do next. */
  remedy?: string;
  errors?: Flaw[];
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** The service declines a request for a reason that the caller can act on. HTTP and the command line render it. */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly code: string;
  readonly remedy: string | undefined;
  readonly errors: Flaw[];
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: RefusalKind, message: string, options: RefusalOptions) {
    super(message, { cause: options.cause });
    this.name = 'Refusal';
    this.kind = kind;
    this.code = options.code;
    this.remedy = options.remedy;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
