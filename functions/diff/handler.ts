import { diffTask } from '../../lib/app/diffTask.ts';
import { app } from '../../lib/compose.ts';
import { text } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';

export const handler = route(
  { name: 'GET /v1/tasks/{id}/diff', access: 'read', app },
  async ({ deps, request }) => {
    const { id = '' } = request.params;
    return text(200, 'text/x-diff; charset=utf-8', await diffTask(deps, id));
  },
);
