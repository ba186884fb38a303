import { buildPart } from './prompt.ts';
import { isSmall } from './roles/mayAsk.ts';
import type { TaskRun } from './taskRun.ts';
import { changedFiles } from './workTree.ts';
import { fits, hasBudget, type Written, writeCode } from './writeCode.ts';

/** The first answer: all of it at once, or, from a small model that is to write several files, one file a call. */
export function writeFirst(run: TaskRun): Promise<Written> {
  const { model, payload } = run.request;
  const { expected_files: expected } = payload.output_contract;
  const isScripted = run.tools.provider.answersStep !== undefined;
  if (isSmall(model) && expected.length > 1 && !isScripted) return writeParts(run, expected);
  const asked = { messages: run.firstPrompt, files: run.shown };
  return writeCode(run, { key: 'code.1', title: 'Write the code', ...asked, fresh: false });
}

async function writeParts(run: TaskRun, paths: readonly string[]): Promise<Written> {
  const parts: Written[] = [];
  for (const [at, path] of paths.entries()) {
    if (!hasBudget(run)) break;
    const done = await changedFiles(run);
    const messages = buildPart(run.firstPrompt, path, done);
    if (!fits(run, messages)) break;
    const files = [...new Set([...run.shown, ...done.map((file) => file.path)])];
    const asked = { messages, files, expected: [path], fresh: false };
    parts.push(
      await writeCode(run, { key: `code.1.file.${at + 1}`, title: `Write ${path}`, ...asked }),
    );
  }
  return {
    changed: parts.some(({ changed }) => changed),
    editHash: parts.map(({ editHash }) => editHash).join(' '),
    problems: parts.flatMap(({ problems }) => problems),
  };
}
