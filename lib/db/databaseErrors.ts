import { Refusal } from '../kernel/errors.ts';

const AWAY_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

// https://www.postgresql.org/docs/current/errcodes-appendix.html: too many connections, query cancelled by the
// statement timeout, admin shutdown, crash shutdown, cannot connect now. Class 08 is connection exceptions.
const AWAY_SQLSTATES = new Set(['53300', '57014', '57P01', '57P02', '57P03']);

// What pg and pg-pool throw by themselves carries no code.
const AWAY_MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'not queryable',
  'Client was closed',
  'Cannot use a pool after calling end',
  'Query read timeout',
];

/** 40001 serialization failure, 40P01 deadlock: Postgres rolled everything back, the same work may simply run again. */
export function isRolledBackByChance(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

/** The same error, or `Refusal('unavailable')` around it when it says that no connection could be had or kept. */
export function unavailableWhenAway(error: unknown): unknown {
  if (!isAway(error)) return error;
  return new Refusal('unavailable', `the database cannot be reached: ${messageOf(error)}`, {
    code: 'database_unavailable',
    remedy: 'try again; if it lasts, see whether Postgres is running and DATABASE_URL names it',
    retryAfterSeconds: 2,
    cause: error,
  });
}

function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) {
    return AWAY_SYSTEM_CODES.has(code) || AWAY_SQLSTATES.has(code) || code.startsWith('08');
  }
  return error instanceof Error && AWAY_MESSAGES.some((part) => error.message.includes(part));
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** An AggregateError (both addresses of `localhost` refused) has an empty message of its own. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? (codeOf(error) ?? error.name) : error.message;
}
