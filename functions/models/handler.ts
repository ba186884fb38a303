import { listModels } from '../../lib/app/listModels.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';
import { ModelsQuery } from '../../lib/task/queries.ts';

export const handler = route(
  { name: 'GET /v1/models', access: 'read', app, query: ModelsQuery },
  async ({ deps, query }) => json(200, await listModels(deps, query)),
);
