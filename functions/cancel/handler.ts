import { cancelTask } from '../../lib/app/cancelTask.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';

export const handler = route(
  { name: 'POST /v1/tasks/{id}/cancel', access: 'key', app },
  async ({ deps, request }) => {
    const { id = '' } = request.params;
    const { answer, accepted } = await cancelTask(deps, id);
    return json(accepted ? 202 : 200, answer);
  },
);
