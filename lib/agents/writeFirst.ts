import { questionFor } from './firstQuestion.ts';
import { buildPart } from './prompt.ts';
import { isSmall } from './smallModel.ts';
import type { TaskRun } from './taskRun.ts';
import { changedFiles } from './workTree.ts';
import { fits, hasBudget, type Round, type Written, writeCode } from './writeCode.ts';

/** The first answer: all of it at once, or, from a small model that is to write several files, one file a call. */
export function writeFirst(run: TaskRun): Promise<Written> {
  const paths = partsOf(run);
  if (paths.length > 1) return writeParts(run, paths);
  const { firstPrompt: messages, shown: files, templates } = run;
  const asked = { messages, files, templates };
  return writeCode(run, { key: 'code.1', title: 'Write the code', ...asked, fresh: false });
}

function partsOf(run: TaskRun): readonly string[] {
  const { model, payload } = run.request;
  const isScripted = run.tools.provider.answersStep !== undefined;
  if (!isSmall(model) || isScripted) return [];
  const { expected_files: expected } = payload.output_contract;
  const planned = run.plan?.files.filter(({ action }) => action !== 'read') ?? [];
  const paths = expected.length > 0 ? expected : planned.map(({ path }) => path);
  return paths.filter((path) => !run.isExcluded(path));
}

async function writeParts(run: TaskRun, paths: readonly string[]): Promise<Written> {
  const parts: Written[] = [];
  for (const [at, path] of paths.entries()) {
    if (!hasBudget(run)) break;
    const asked = await askedForPart(run, path);
    if (asked === undefined) {
      await tellUnasked(run, path);
      continue;
    }
    const round = { ...asked, key: `code.1.file.${at + 1}`, title: `Write ${path}`, fresh: false };
    parts.push(await writeCode(run, { ...round, expected: [path] }));
  }
  return {
    changed: parts.some(({ changed }) => changed),
    editHash: parts.map(({ editHash }) => editHash).join(' '),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

/** Undefined when the model cannot see what it is to change. */
async function askedForPart(
  run: TaskRun,
  path: string,
): Promise<Pick<Round, 'messages' | 'files' | 'templates'> | undefined> {
  const done = await changedFiles(run);
  const isSeen = run.shown.includes(path) || !run.baseFiles.includes(path);
  const { request, baseFiles, plan } = run;
  const { firstPrompt, shown, templates } = isSeen
    ? run
    : questionFor(request, baseFiles, { plan, above: path });
  if (!isSeen && !shown.includes(path)) return undefined;
  const messages = buildPart(firstPrompt, path, done);
  if (!fits(run, messages)) return undefined;
  const files = [...new Set([...shown, ...done.map((file) => file.path)])];
  return { messages, files, templates: [...templates, 'part'] };
}

async function tellUnasked({ request, tools }: TaskRun, path: string): Promise<void> {
  const { id, context_tokens: context } = request.model;
  const text = `${path}: not asked for, because it does not fit into the context of ${id} (${context} tokens)\n`;
  await tools.journal.emit({
    type: 'log.appended',
    data: { step: 'code.1', source: 'worker', text },
  });
}
