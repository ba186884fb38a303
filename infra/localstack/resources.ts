import * as z from 'zod';
import file from './resources.json' with { type: 'json' };

const Queue = z.strictObject({
  name: z.string(),
  role: z.enum(['work', 'dead']),
  visibilityTimeoutSeconds: z.int(),
  retentionSeconds: z.int(),
  deadLetterQueue: z.string().optional(),
  maxReceiveCount: z.int().optional(),
});

const Table = z.strictObject({
  name: z.string(),
  /** Of type string. */
  partitionKey: z.string(),
  /** Epoch seconds after which DynamoDB may delete the item. */
  timeToLiveAttribute: z.string(),
});

const Resources = z.strictObject({ queues: z.array(Queue), tables: z.array(Table) });

export type QueueShape = z.infer<typeof Queue>;
export type TableShape = z.infer<typeof Table>;
/** Queues come after the dead-letter queue that they name. */
export type Resources = z.infer<typeof Resources>;

/** The one list of queues and tables: the embedded edge, LocalStack's ready.d and the check of serverless.yml read it. */
export const RESOURCES: Resources = Resources.parse(file);

export interface ResourceNames {
  queueName: string;
  deadLetterQueueName: string;
  presenceTable: string;
}

/** The same shapes under other names. */
export function renamedResources(names: ResourceNames): Resources {
  const nameOf = { work: names.queueName, dead: names.deadLetterQueueName };
  return {
    queues: RESOURCES.queues.map((queue) => ({
      ...queue,
      name: nameOf[queue.role],
      ...(queue.deadLetterQueue === undefined ? {} : { deadLetterQueue: nameOf.dead }),
    })),
    tables: RESOURCES.tables.map((table) => ({ ...table, name: names.presenceTable })),
  };
}
