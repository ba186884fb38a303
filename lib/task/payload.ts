import * as z from 'zod';
import { hasControlCharacter, Repo } from './repo.ts';

export const LANGUAGES = [
  'java',
  'python',
  'typescript',
  'javascript',
  'go',
  'rust',
  'c',
  'cpp',
] as const;
export const Language = z.enum(LANGUAGES);
export type Language = z.infer<typeof Language>;

const LIMITS = { goal: 32_768, path: 1_024, files: 64, argv: 64 } as const;

/** A path below the repository root: relative, forward slashes, no `..`, no control characters. */
export const RelativePath = z
  .string()
  .min(1)
  .max(LIMITS.path)
  .refine(
    isSafeRelativePath,
    'must be a relative path below the repository, without "..", ".git", "\\" or control characters',
  );

/** What a task has when it says nothing about its time. */
export const DEFAULT_LATENCY_MS = 600_000;

const Constraints = z.strictObject({
  /** Tokens that may be generated, over all steps. */
  max_tokens: z.int().min(1).max(1_000_000).default(8_192),
  /** Time from the claim to the end, in milliseconds. */
  latency_ms: z.int().min(1_000).max(86_400_000).default(DEFAULT_LATENCY_MS),
  style: z.string().max(200).optional(),
});

const Input = z.strictObject({
  language: Language,
  frameworks: z.array(z.string().min(1).max(64)).max(16).default([]),
  repo: Repo,
  constraints: Constraints.prefault({}),
  goal: z.string().min(1).max(LIMITS.goal),
});

const OutputContract = z.strictObject({
  expected_files: z.array(RelativePath).max(LIMITS.files).default([]),
});

const NonNegotiables = z.strictObject({
  build_tool: z
    .enum(['gradle', 'maven', 'npm', 'cargo', 'go', 'cmake', 'make', 'pytest', 'unittest'])
    .optional(),
  jdk: z.int().min(8).max(99).optional(),
});

const OracleRequest = z.strictObject({
  /** Compile and run the quick tests. */
  smoke: z.boolean().default(true),
  /** Run all tests. */
  full: z.boolean().default(false),
  /** The user's own acceptance check; the first word is a tool of the allowlist. */
  command: z.array(z.string().min(1).max(4_096)).min(1).max(LIMITS.argv).optional(),
});

/** What a client submits, version 1.1. Unknown fields are refused by name. */
export const TaskPayload = z.strictObject({
  type: z.literal('CODE'),
  input: Input,
  output_contract: OutputContract.prefault({}),
  non_negotiables: NonNegotiables.prefault({}),
  oracle: OracleRequest.prefault({}),
  /** When the patch goes into the workspace. */
  apply: z.enum(['verified', 'always', 'never']).default('verified'),
});
export type TaskPayload = z.infer<typeof TaskPayload>;
export type NonNegotiables = TaskPayload['non_negotiables'];

function isSafeRelativePath(path: string): boolean {
  if (hasControlCharacter(path) || path.includes('\\')) return false;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return false;
  const components = path.split('/');
  return components.every(
    (part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git',
  );
}
