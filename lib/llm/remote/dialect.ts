import type { GenerateRequest, Generation } from '../llm.ts';

/** What one piece of a stream says, in no server's words. Absent: nothing of the kind. */
export interface Said {
  text?: string;
  /** Characters of reasoning that are no part of the answer. */
  reasoningLength?: number;
  finish?: 'stop' | 'length';
  /** Each replaces what was told before: servers count up. */
  promptTokens?: number;
  generatedTokens?: number;
  /** Nothing that matters follows. */
  last?: boolean;
}

/** How a kind of server is spoken to. Reading throws `ModelError`. */
export interface Dialect {
  chatPath: string;
  modelsPath: string;
  /** `events`: server-sent events; `lines`: one JSON value a line. */
  framing: 'events' | 'lines';
  /** The base of the API behind an address as a person writes it. */
  baseUrl(url: string): string;
  headers(apiKey: string | undefined): Record<string, string>;
  bodyOf(asked: GenerateRequest): object;
  /** Reads the data of one event, one line, or a whole answer of a server that does not stream. */
  read(data: string): Said;
  readModels(text: string): string[];
  /** Tokens of context by the name of the model, for the servers whose list tells it. */
  readContexts?(text: string): Record<string, number>;
  /** Looks at a finished answer for what the server does wrong in silence. */
  check?(asked: GenerateRequest, generation: Generation): void;
}
