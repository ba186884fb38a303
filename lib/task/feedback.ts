import * as z from 'zod';

export const FeedbackBody = z.strictObject({
  task_id: z.string().min(1).max(64),
  outcome: z.enum(['accepted', 'rejected', 'edited']),
  rating: z.int().min(1).max(5).optional(),
  comment: z.string().max(4_096).optional(),
  tags: z.array(z.string().min(1).max(64)).max(16).optional(),
});
export type FeedbackBody = z.infer<typeof FeedbackBody>;
