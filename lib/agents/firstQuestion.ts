import type { ChatMessage } from '../llm/llm.ts';
import type { ModelCard } from '../models/card.ts';
import type { TaskPayload } from '../task/payload.ts';
import type { Plan } from '../task/roles.ts';
import { byPassages } from './editForm.ts';
import { readSmallText } from './oracle/judgedTree.ts';
import { buildPrompt, repositoryRoom, withEdits } from './prompt.ts';
import type { PromptName } from './promptTemplate.ts';
import { describeRepository } from './repositoryText.ts';

/** The first question to a coder. */
export interface FirstQuestion {
  /** Repository, task and plan, as every role is asked. */
  taskPrompt: readonly ChatMessage[];
  /** The same for the coder: it also says how files are changed. */
  firstPrompt: readonly ChatMessage[];
  /** What it was made of. */
  templates: readonly PromptName[];
  /** Files whose content it holds. */
  shown: readonly string[];
  /** Said in the stream when it could not hold everything. */
  leftOut: readonly string[];
}

interface Subject {
  payload: TaskPayload;
  model: ModelCard;
  /** Absolute host path of the tree the task started from. */
  baseDir: string;
}

interface Wishes {
  plan?: Plan | undefined;
  /** A file that must be seen, whatever else is left out for it. */
  above?: string;
  /** Characters of the repository's room that something else needs. */
  less?: number;
}

/** What a coder is asked first, and which of the files it sees in it. */
export function questionFor(
  request: Subject,
  files: readonly string[],
  { plan, above, less = 0 }: Wishes,
): FirstQuestion {
  const { payload, baseDir, model } = request;
  const read = (path: string) => readSmallText(baseDir, path);
  const wanted = plan?.files.map(({ path }) => path) ?? [];
  const planned = plan === undefined ? 0 : JSON.stringify(plan).length;
  const room = repositoryRoom(model.context_tokens, payload) - planned - less;
  const seen = above === undefined ? payload : expecting(request, above);
  const repository = describeRepository(seen, { files, read, wanted }, room);
  const { shown, leftOut } = repository;
  const taskPrompt = buildPrompt(payload, repository, plan);
  const passages = shown.filter((path) => byPassages(model, read(path) ?? ''));
  if (passages.length === 0) {
    return { taskPrompt, firstPrompt: taskPrompt, templates: ['coder'], shown, leftOut };
  }
  const named = model.edit_format === 'search_replace' ? 'all' : passages;
  const firstPrompt = withEdits(taskPrompt, named);
  return { taskPrompt, firstPrompt, templates: ['coder', 'edits'], shown, leftOut };
}

function expecting({ payload }: Subject, path: string): TaskPayload {
  return { ...payload, output_contract: { expected_files: [path] } };
}
