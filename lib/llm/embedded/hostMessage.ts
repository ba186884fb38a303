import * as z from 'zod';
import type { ChatMessage } from '../llm.ts';

/** What the process of a model is started with. */
export interface HostOptions {
  /** Path of node-llama-cpp's module. */
  runtime: string;
  /** Path of the GGUF file. */
  model: string;
  /** Of each slot. */
  contextTokens: number;
  /** Answers that can be made at once. */
  slots: number;
  threads: number;
  gpu: 'auto' | 'cuda' | 'vulkan' | 'metal' | false;
}

export interface AskHost {
  messages: readonly ChatMessage[];
  maxTokens: number;
  temperature: number;
  seed: number;
  /** GBNF that the answer keeps to. */
  grammar?: string | undefined;
}

const id = z.int();

/** What the process says. Ids are those of the questions. */
export const HostMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), contextTokens: z.int(), gpu: z.string().nullable() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
  z.object({ type: z.literal('text'), id, text: z.string() }),
  z.object({
    type: z.literal('done'),
    id,
    finish: z.enum(['stop', 'length']),
    promptTokens: z.int(),
    generatedTokens: z.int(),
  }),
  z.object({ type: z.literal('overflow'), id, promptTokens: z.int(), contextTokens: z.int() }),
  z.object({ type: z.literal('error'), id, message: z.string() }),
]);
export type HostMessage = z.infer<typeof HostMessage>;
/** What answers one question. */
export type HostAnswer = Extract<HostMessage, { id: number }>;
