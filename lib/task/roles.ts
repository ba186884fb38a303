import * as z from 'zod';

const Text = z.string().max(2_000);
const Path = z.string().min(1).max(1_024);

/** What a planner answers. */
export const Plan = z.object({
  summary: Text,
  kind: z.enum(['bugfix', 'feature', 'refactor', 'test', 'other']),
  files: z
    .array(z.object({ path: Path, why: Text, action: z.enum(['edit', 'create', 'read']) }))
    .max(12),
  steps: z.array(z.object({ id: z.string().max(64), title: Text, acceptance: Text })).max(8),
  tests: z.array(Text).max(20).default([]),
  risks: z.array(Text).max(20).default([]),
  /** What it would have liked to see. */
  needs_more_context: z
    .array(z.object({ query: Text }))
    .max(3)
    .optional(),
});
export type Plan = z.infer<typeof Plan>;

const Score = z.int().min(0).max(4);

/** What a reviewer answers. It asks for a revision at most; it never makes a verdict. */
export const Review = z.object({
  verdict: z.enum(['approve', 'revise', 'reject']),
  scores: z.object({ goal: Score, correctness: Score, style: Score, safety: Score }),
  issues: z
    .array(
      z.object({
        path: Path,
        line: z.int().optional(),
        severity: z.enum(['low', 'medium', 'high']),
        message: Text,
      }),
    )
    .max(10),
});
export type Review = z.infer<typeof Review>;
