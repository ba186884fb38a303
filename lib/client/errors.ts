import type { ProblemBody } from '../task/answers.ts';

/** The service answered, and declined. */
export class ApiProblem extends Error {
  readonly problem: ProblemBody;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    problem: ProblemBody,
    about: { requestId?: string | undefined; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(problem.detail);
    this.name = 'ApiProblem';
    this.problem = problem;
    this.requestId = about.requestId;
    this.retryAfterSeconds = about.retryAfterSeconds;
  }
}

/** No usable answer: refused, cut, timed out, or something else than this service spoke. */
export class Unreachable extends Error {
  readonly url: string;
  /** True when something answered that does not speak as this service does. */
  readonly isStranger: boolean;

  constructor(url: string, why: string, options: { cause?: unknown; isStranger?: boolean } = {}) {
    super(
      `no answer from ${url}: ${why}`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'Unreachable';
    this.url = url;
    this.isStranger = options.isStranger === true;
  }
}
