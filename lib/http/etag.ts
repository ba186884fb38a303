import { createHash } from 'node:crypto';
import { type Answer, empty } from './answer.ts';
import type { HttpRequest } from './request.ts';

/** The answer with an entity tag, or 304 when the client has this very representation. */
export function conditional(request: HttpRequest, answer: Answer): Answer {
  if (typeof answer.body !== 'string') throw new Error('a stream has no entity tag');
  const etag = `"${createHash('sha256').update(answer.body).digest('base64url').slice(0, 22)}"`;
  if (matches(request.headers['if-none-match'], etag)) return empty(304, { etag });
  return { ...answer, headers: { ...answer.headers, etag } };
}

/** RFC 9110, 13.1.2: weak comparison, a list, or any representation. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
