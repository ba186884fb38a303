import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { TaskPayload } from '../../../lib/task/payload.ts';
import { linksOf, type TaskView } from '../../../lib/task/view.ts';
import { runAgentctl } from '../../../scripts/agentctl/agentctl.ts';
import { createHost } from '../../support/agentctlHost.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

function problem(status: number, code: string, retryable: boolean): string {
  const words = { type: 'about:blank', title: 'T', detail: `it is ${code}`, instance: '/' };
  return JSON.stringify({ ...words, status, code, retryable });
}

it('a result that is refused for being asked too often is asked for again, when the service said', async () => {
  let asked = 0;
  const url = await serve(({ url: path = '' }, response) => {
    if (path.startsWith('/v1/stream/')) return response.writeHead(204).end();
    asked += 1;
    return asked === 1
      ? response.writeHead(429, { 'retry-after': '0' }).end(problem(429, 'too busy', true))
      : response.writeHead(404).end(problem(404, 'gone', false));
  });
  const { host, err } = createHost({ environment: { AGENTCTL_URL: url } });
  expect(await runAgentctl(['watch', 't1'], host)).toBe(5);
  expect(err()).toContain('it is too busy; asking for the result again in 0 ms\nerror: it is gone');
});

const proof = { tree_hash: 'a', base_tree_hash: 'b', expected_files: [], non_negotiables: [] };
const NOT_WRITTEN: TaskView = {
  task_id: 't1',
  status: 'succeeded',
  verdict: { name: 'verified', summary: 'proved' },
  ...{ failure: null, attempt: 1, last_seq: 9, queue_position: null, waiting: null },
  ...{ trace_id: null, patch_request: null, steps: [], started_at: null, finished_at: null },
  payload: TaskPayload.parse({
    type: 'CODE',
    input: { language: 'python', repo: { path: './workspace/x' }, goal: 'Add from_roman' },
  }),
  result: {
    proof: {
      ...proof,
      baseline: [],
      runs: [],
      tests: 'base',
      fixed: [],
      regressed: [],
      goal_addressed: true,
    },
    model: null,
    usage: { prompt_tokens: 0, generated_tokens: 0, model_calls: 0, model_ms: 0 },
    files: [{ path: 'a.py', action: 'modified', bytes: 1 }],
    apply: {
      state: 'conflicted',
      why: 'files changed in the workspace meanwhile',
      paths: ['a.py'],
    },
  },
  submitted_at: '2026-01-01T00:00:00.000Z',
  links: linksOf('t1'),
};

it.each([
  [[], /^workspace {3}not written: files changed/m],
  [['--json'], /"apply":\{"state":"conflicted"/],
])(
  'a proved result that could not be written is told on stderr with the command for it (%j)',
  async (flags, told) => {
    const url = await serve(({ url: path = '' }, response) => {
      if (path.startsWith('/v1/stream/')) return response.writeHead(204).end();
      return response.end(JSON.stringify(NOT_WRITTEN));
    });
    const { host, out, err } = createHost({ environment: { AGENTCTL_URL: url } });
    expect(await runAgentctl(['watch', 't1', ...flags], host)).toBe(0);
    expect(err()).toBe(
      'the files were NOT written: files changed in the workspace meanwhile (a.py)\n' +
        '  next: agentctl apply t1   (with --check it only names what is in the way)\n',
    );
    expect(out()).toMatch(told);
  },
);

it('a result that the task wanted nowhere is not told as missing', async () => {
  const apply = { state: 'not_applied' as const, why: 'the task says apply: never', paths: [] };
  const { result } = NOT_WRITTEN;
  const task = { ...NOT_WRITTEN, result: result && { ...result, apply } };
  const url = await serve(({ url: path = '' }, response) => {
    if (path.startsWith('/v1/stream/')) return response.writeHead(204).end();
    return response.end(JSON.stringify(task));
  });
  const { host, err } = createHost({ environment: { AGENTCTL_URL: url } });
  expect(await runAgentctl(['watch', 't1'], host)).toBe(0);
  expect(err()).toBe('');
});
