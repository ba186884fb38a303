import { expect } from 'vitest';
import { ProblemBody } from '../../lib/task/answers.ts';

/** The problem details of an answer, after the checks that hold for every one of them. */
export async function refused(response: Response, status: number): Promise<ProblemBody> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('x-request-id')).toBeTruthy();
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const text = await response.text();
  expect(text).not.toMatch(/\bat \S+ \(|node_modules|\.ts:\d/);
  const body = ProblemBody.parse(JSON.parse(text));
  expect(body.status).toBe(status);
  return body;
}
