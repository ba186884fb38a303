import { createResources } from '../../infra/localstack/createResources.ts';
import { startEdge } from '../../infra/localstack/edge.ts';

/** SQS and DynamoDB as a process that can be killed: all that they hold is gone with it. */
const edge = await startEdge({ port: Number(process.env['EDGE_PORT']) });
await createResources(edge.endpoint);
edge.markReady();
process.once('SIGTERM', () => void edge.stop().then(() => process.exit(0)));
