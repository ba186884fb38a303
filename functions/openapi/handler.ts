import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { openApi } from '../../lib/http/openApi.ts';
import { route } from '../../lib/http/route.ts';

const document = openApi();

export const handler = route({ name: 'GET /openapi.json', access: 'none', app }, async () =>
  json(200, document),
);
