import { ApiProblem, Unreachable } from '../../lib/client/errors.ts';
import { ConfigError } from '../../lib/config/config.ts';
import type { ProblemBody } from '../../lib/task/answers.ts';
import { EXIT, type ExitCode } from './exitCode.ts';

interface ComplaintText {
  what: string;
  /** One reason a line. */
  why: readonly string[];
  /** The command, or the change, that helps. */
  next: string;
}

/** An error that a person can act on: what went wrong, why, and the next command. */
export class Complaint extends Error implements ComplaintText {
  readonly exit: ExitCode;
  readonly what: string;
  readonly why: readonly string[];
  readonly next: string;

  constructor(exit: ExitCode, text: ComplaintText, options?: { cause?: unknown }) {
    super(text.what, options);
    this.name = 'Complaint';
    this.exit = exit;
    this.what = text.what;
    this.why = text.why;
    this.next = text.next;
  }
}

export function usage(what: string, why: string, next: string): Complaint {
  return new Complaint(EXIT.usage, { what, why: [why], next });
}

/** Any error, said so that a person can act on it. `retry` is a command that repeats the request safely. */
export function toComplaint(error: unknown, retry?: string): Complaint {
  if (error instanceof Complaint) return error;
  if (error instanceof ApiProblem) return fromProblem(error, retry ?? 'the same command again');
  if (error instanceof Unreachable) return fromUnreachable(error, retry ?? 'agentctl doctor');
  if (error instanceof ConfigError) {
    const text = { what: 'the configuration is not usable', why: error.flaws };
    return new Complaint(EXIT.usage, { ...text, next: 'agentctl config --service' });
  }
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const text = { what: 'an unexpected error, a fault of agentctl', why: [why] };
  return new Complaint(EXIT.unexpected, { ...text, next: 'agentctl doctor' }, { cause: error });
}

function fromUnreachable(error: Unreachable, then: string): Complaint {
  if (error.isStranger) return fromStranger(error);
  return new Complaint(
    EXIT.unreachable,
    {
      what: `the service does not answer at ${error.url}`,
      why: [error.message],
      next: `npm start, or name another service in AGENTCTL_URL; then: ${then}`,
    },
    { cause: error },
  );
}

function fromStranger(error: Unreachable): Complaint {
  return new Complaint(
    EXIT.unreachable,
    {
      what: `what answers at ${error.url} is not this service`,
      why: [error.message],
      next: 'name the service in AGENTCTL_URL; `agentctl config` tells where the address comes from',
    },
    { cause: error },
  );
}

function fromProblem(error: ApiProblem, retry: string): Complaint {
  const { problem, requestId } = error;
  const { what, flaws } = flawLines(problem);
  const trace = requestId === undefined ? [] : [`request ${requestId}`];
  return new Complaint(
    exitOf(problem.status, problem.code),
    {
      what,
      why: [`${problem.status} ${problem.title} (${problem.code})`, ...flaws, ...trace],
      next: nextAfter(error, retry),
    },
    { cause: error },
  );
}

/** Several flaws get a line each; a single one is told by the detail already. */
function flawLines({ detail, errors }: ProblemBody): { what: string; flaws: string[] } {
  const lines = errors.map((flaw) => `${flaw.pointer || '/'}: ${flaw.detail}`);
  if (errors.length > 1) return { what: detail.split(':')[0] ?? detail, flaws: lines };
  return { what: detail, flaws: errors.every((flaw) => detail.includes(flaw.detail)) ? [] : lines };
}

function exitOf(status: number, code: string): ExitCode {
  if (status === 401 || status === 403) return EXIT.unauthorised;
  if (status === 404) return EXIT.notFound;
  if (status === 503 && !code.includes('queue')) return EXIT.unreachable;
  if (status >= 500 && status !== 503) return EXIT.unexpected;
  return EXIT.rejected;
}

function nextAfter({ problem, retryAfterSeconds }: ApiProblem, retry: string): string {
  if (problem.status === 401 || problem.status === 403) {
    return 'export AGENTCTL_API_KEY=...   (the key that the service was started with)';
  }
  const command = commandAfter(problem);
  if (command !== undefined) return command;
  const { remedy } = problem;
  if (!problem.retryable) return remedy ?? 'correct the request and send it again';
  const when = retryAfterSeconds === undefined ? retry : `in ${retryAfterSeconds} s: ${retry}`;
  return remedy === undefined ? when : `${when}   (${remedy})`;
}

/** The service's remedies are calls of its API; here they are commands. */
function commandAfter({ code, instance }: ProblemBody): string | undefined {
  const id = /^\/v1\/(?:tasks|stream)\/([^/]+)/.exec(instance)?.[1] ?? 'ID';
  switch (code) {
    case 'task_not_found':
      return 'agentctl list';
    case 'task_ended':
    case 'nothing_to_apply':
    case 'patch_request_open':
      return `agentctl status ${id}`;
    case 'task_not_ended':
      return `agentctl watch ${id}, then the same command again`;
    case 'already_applied':
      return `agentctl revert ${id}   (takes it out again)`;
    case 'not_applied':
      return `agentctl apply ${id}`;
    case 'body_invalid':
      return 'correct the payload; /openapi.json of the service describes every field';
    case 'cursor_invalid':
      return 'the same command without --cursor: the first page';
    case 'unknown_path':
      return 'see that AGENTCTL_URL is the address of the service alone, without a path';
    default:
      return undefined;
  }
}
