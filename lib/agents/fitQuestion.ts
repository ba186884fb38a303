import type { ChatMessage } from '../llm/llm.ts';
import { questionFor } from './firstQuestion.ts';
import { CHARS_PER_TOKEN, promptTokens } from './prompt.ts';
import type { PromptName } from './promptTemplate.ts';
import type { TaskRun } from './taskRun.ts';

/** What a model is asked with. */
export interface Asked {
  messages: readonly ChatMessage[];
  /** Files whose content the messages hold. */
  files: readonly string[];
  /** What the messages were made of. */
  templates: readonly PromptName[];
}

export interface Fitted extends Asked {
  /** Files that were taken out, for want of room. */
  cut: readonly string[];
}

/** The list of what is left out grows with what is left out: the first cut may not be enough. */
const MAX_CUTS = 3;

/**
 * The question as it is, where it is at most `atMost` tokens long; else with less of the repository in it. One that does
 * not begin with the repository, or has nothing of it left, stays as long as it is.
 */
export function fitQuestion(run: TaskRun, asked: Asked, atMost = roomForQuestion(run)): Fitted {
  let fitted: Fitted = { ...asked, cut: [] };
  let less = 0;
  for (let cuts = 0; cuts < MAX_CUTS; cuts += 1) {
    const over = promptTokens(fitted.messages) - atMost;
    if (over <= 0) break;
    less += over * CHARS_PER_TOKEN;
    fitted = withLess(run, asked, less);
  }
  return fitted;
}

/** In tokens: what the context holds beside an answer of the usual length. */
function roomForQuestion({ request }: TaskRun): number {
  const { context_tokens: context } = request.model;
  const answer = Math.min(request.payload.input.constraints.max_tokens, Math.floor(context / 4));
  return context - answer;
}

function withLess(run: TaskRun, asked: Asked, less: number): Fitted {
  const { request, baseFiles, plan, shown } = run;
  const whole = taskTextOf(run.taskPrompt);
  const shorter = questionFor(request, baseFiles, { plan, less });
  const seen = new Set(shorter.shown);
  const cut = shown.filter((path) => !seen.has(path) && asked.files.includes(path));
  const at = asked.messages.findIndex(({ content }) => content.startsWith(whole));
  const message = asked.messages[at];
  if (message === undefined || cut.length === 0) return { ...asked, cut: [] };
  const content = taskTextOf(shorter.taskPrompt) + message.content.slice(whole.length);
  return {
    messages: asked.messages.with(at, { ...message, content }),
    files: asked.files.filter((path) => !cut.includes(path)),
    templates: asked.templates,
    cut,
  };
}

/** Repository, task and plan, with which every question begins that shows the repository. */
function taskTextOf([, task]: readonly ChatMessage[]): string {
  return task?.content ?? '';
}
