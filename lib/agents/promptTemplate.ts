import { readFileSync } from 'node:fs';
import { assetPath } from '../kernel/assets.ts';

export interface PromptTemplate {
  /** For example `coder/1`: part of what an answer depends on. */
  version: string;
  text: string;
}

const HEADER = /^<!-- version: (\S+) -->\n/;

export const PROMPTS = [
  'coder',
  'edits',
  'part',
  'repair',
  'one',
  'again',
  'planner',
  'found',
  'tester',
  'mend',
  'reviewer',
  'revise',
  'reask',
] as const;
export type PromptName = (typeof PROMPTS)[number];

/** Reads lib/agents/prompts/<name>.md. Throws when its versioned header is missing. */
export function readPromptTemplate(name: PromptName): PromptTemplate {
  const content = readFileSync(assetPath(`lib/agents/prompts/${name}.md`), 'utf8');
  const [header, version] = HEADER.exec(content) ?? [];
  if (header === undefined || version === undefined) {
    throw new Error(`lib/agents/prompts/${name}.md has no header with its version`);
  }
  return { version, text: content.slice(header.length).trim() };
}

/** Versions of the prompts, for example `coder/2`. */
export function versionsOf(names: readonly PromptName[]): string[] {
  return names.map((name) => readPromptTemplate(name).version);
}

/** Puts values for {{name}}. A value is taken as it is, whatever it holds. */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
}
