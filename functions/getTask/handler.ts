import { getTask } from '../../lib/app/getTask.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { conditional } from '../../lib/http/etag.ts';
import { route } from '../../lib/http/route.ts';
import { isTerminal } from '../../lib/task/state.ts';

export const handler = route(
  { name: 'GET /v1/tasks/{id}', access: 'read', app },
  async ({ deps, request }) => {
    const { id = '' } = request.params;
    const task = await getTask(deps, id);
    const headers: Record<string, string> = isTerminal(task.status) ? {} : { 'retry-after': '1' };
    return conditional(request, json(200, task, headers));
  },
);
