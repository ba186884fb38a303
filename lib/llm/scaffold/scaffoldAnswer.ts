import { assertNever } from '../../kernel/assertNever.ts';
import type { CodingContext } from '../llm.ts';
import { cFiles } from './c.ts';
import { goFiles } from './go.ts';
import { javaFiles } from './java.ts';
import { otherFile } from './otherFile.ts';
import { pythonFiles } from './python.ts';
import { rustFiles } from './rust.ts';
import { scriptFiles } from './script.ts';
import type { ScaffoldRequest, SourceFile } from './sourceFile.ts';

/** How a real model is had. Ollama is found by itself where it usually listens. */
export const REAL_MODEL_REMEDY = `For a real model run
    ollama pull qwen2.5-coder:7b && npm start
and submit the task again; any other OpenAI-compatible server: MODEL_SERVERS=mine=http://127.0.0.1:PORT/v1 npm start`;

/** A skeleton of the missing files in the form that models answer in. The same context gives the same text. */
export function scaffoldAnswer(context: CodingContext): string {
  const files = scaffoldFiles(context);
  const what =
    files.length === 0
      ? 'No expected file is missing, so there is nothing to lay out.'
      : 'What follows is a skeleton that compiles, with a smoke test.';
  const said = `No language model was used, and the goal was not addressed. ${what}\n${REAL_MODEL_REMEDY}\n`;
  return [said, ...files.map(block)].join('\n');
}

/** The files that are missing, and what they need to compile and be tested. Existing files are never among them. */
export function scaffoldFiles(context: CodingContext): SourceFile[] {
  const { expectedFiles, existingFiles } = context;
  const missing = [...new Set(expectedFiles)].filter((path) => !existingFiles.includes(path));
  if (missing.length === 0) return [];
  const request: ScaffoldRequest = { ...context, missing };
  const known = filesOfLanguage(request);
  const covered = new Set(known.map(({ path }) => path));
  const others = missing
    .filter((path) => !covered.has(path))
    .map((path) => otherFile(path, request));
  return [...known, ...others];
}

function filesOfLanguage(request: ScaffoldRequest): SourceFile[] {
  switch (request.language) {
    case 'java':
      return javaFiles(request);
    case 'python':
      return pythonFiles(request);
    case 'typescript':
    case 'javascript':
      return scriptFiles(request);
    case 'go':
      return goFiles(request);
    case 'rust':
      return rustFiles(request);
    case 'c':
    case 'cpp':
      return cFiles(request);
    default:
      return assertNever(request.language);
  }
}

/** Four backticks, so that a file may hold a fence of its own. */
function block({ path, content }: SourceFile): string {
  return `### FILE: ${path}\n\`\`\`\`\n${content}\`\`\`\`\n`;
}
