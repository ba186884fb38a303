import * as z from 'zod';

/** A model server that was asked for its models and gave none. */
export const ServerTrouble = z.object({
  /** Its name in MODEL_SERVERS. */
  server: z.string(),
  /** What was wrong, in words. */
  problem: z.string(),
});
export type ServerTrouble = z.infer<typeof ServerTrouble>;
