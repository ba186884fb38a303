import { listTasks } from '../../lib/app/listTasks.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';
import { ListQuery } from '../../lib/task/queries.ts';

export const handler = route(
  { name: 'GET /v1/tasks', access: 'read', app, query: ListQuery },
  async ({ deps, query }) => json(200, await listTasks(deps, query)),
);
