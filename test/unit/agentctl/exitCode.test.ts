import { describe, expect, it } from 'vitest';
import { ApiProblem, Unreachable } from '../../../lib/client/errors.ts';
import { toComplaint } from '../../../scripts/agentctl/complaint.ts';
import { exitCodeOf } from '../../../scripts/agentctl/exitCode.ts';

function problem(status: number, code: string, retryable = false): ApiProblem {
  return new ApiProblem(
    {
      type: 'about:blank',
      title: 'Title',
      status,
      detail: 'what is wrong',
      instance: '/v1/tasks',
      code,
      retryable,
      errors: [{ pointer: '/input/goal', detail: 'is missing' }],
    },
    { requestId: 'r-1', retryAfterSeconds: 7 },
  );
}

describe('after waiting for the end the shell is told', () => {
  const verdict = (name: 'verified' | 'partially_verified' | 'unverified' | 'refuted') => ({
    name,
    summary: '',
  });
  it.each([
    ['0 for a verified result', 'succeeded', verdict('verified'), 0],
    ['6 for a partially verified result', 'succeeded', verdict('partially_verified'), 6],
    ['6 for an unverified result', 'succeeded', verdict('unverified'), 6],
    ['3 for a refuted result', 'succeeded', verdict('refuted'), 3],
    ['3 for a failed task', 'failed', null, 3],
    ['3 for a cancelled task', 'cancelled', null, 3],
  ] as const)('%s', (_what, status, given, exit) => {
    expect(exitCodeOf({ status, verdict: given })).toBe(exit);
  });
});

describe('an answer of the service becomes an exit code', () => {
  it.each([
    [401, 'unauthenticated', 4],
    [403, 'forbidden', 4],
    [404, 'task_not_found', 5],
    [409, 'task_terminal', 8],
    [413, 'too_large', 8],
    [422, 'invalid_payload', 8],
    [429, 'rate_limited', 8],
    [503, 'queue_full', 8],
    [503, 'database_unavailable', 7],
    [500, 'internal_error', 1],
  ])('%i %s', (status, code, exit) => {
    expect(toComplaint(problem(status, code)).exit).toBe(exit);
  });

  it('with every flaw of the request and the id to look for in the log', () => {
    const complaint = toComplaint(problem(422, 'invalid_payload'));
    expect(complaint.why).toEqual([
      '422 Title (invalid_payload)',
      '/input/goal: is missing',
      'request r-1',
    ]);
    expect(complaint.next).toBe('correct the request and send it again');
  });

  it('with the time to wait where a retry helps', () => {
    const complaint = toComplaint(problem(429, 'rate_limited', true), 'agentctl list');
    expect(complaint.next).toBe('in 7 s: agentctl list');
  });
});

describe('what to do next is a command, not a call of the API', () => {
  const declined = (code: string, instance: string, rest: object = {}) =>
    toComplaint(
      new ApiProblem({
        ...problem(409, code).problem,
        ...{ instance, remedy: 'links.self shows how' },
        ...rest,
      }),
      'agentctl submit x',
    );

  it.each([
    ['task_not_found', 'agentctl list'],
    ['task_ended', 'agentctl status t1'],
    ['nothing_to_apply', 'agentctl status t1'],
    ['already_applied', 'agentctl revert t1   (takes it out again)'],
    ['not_applied', 'agentctl apply t1'],
    ['something_else', 'links.self shows how'],
  ])('%s', (code, next) => {
    expect(declined(code, '/v1/tasks/t1/apply').next).toBe(next);
  });

  it('where a retry helps, it stands before the remedy', () => {
    const full = { retryable: true, remedy: 'raise MAX_QUEUED' };
    expect(declined('queue_full', '/v1/tasks', full).next).toBe(
      'agentctl submit x   (raise MAX_QUEUED)',
    );
  });

  it('several flaws get a line each', () => {
    const errors = ['a', 'b'].map((name) => ({ pointer: `/${name}`, detail: 'is missing' }));
    const said = { detail: 'the body has 2 flaws: /a is missing; /b is missing', errors };
    expect(declined('body_invalid', '/v1/tasks', said)).toMatchObject({
      what: 'the body has 2 flaws',
      why: ['409 Title (body_invalid)', '/a: is missing', '/b: is missing'],
    });
  });

  it('a flaw that the first line tells is not told again', () => {
    const said = { detail: 'the body has one flaw: /input/goal is missing' };
    expect(declined('body_invalid', '/v1/tasks', said).why).toEqual(['409 Title (body_invalid)']);
  });
});

it('another program at the address is not called a service that is away', () => {
  const stranger = new Unreachable('http://x', 'a page of HTML', { isStranger: true });
  expect(toComplaint(stranger)).toMatchObject({
    exit: 7,
    what: 'what answers at http://x is not this service',
  });
});

it('a service that is away and an error that nobody expected have codes of their own', () => {
  expect(toComplaint(new Unreachable('http://x', 'refused')).exit).toBe(7);
  expect(toComplaint(new TypeError('x is not a function')).exit).toBe(1);
});
