import { app } from '../../lib/compose.ts';
import { streamRoute } from '../../lib/http/stream.ts';

export const handler = streamRoute({ app });
