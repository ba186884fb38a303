import type { GenerateRequest, Generation, ModelProvider } from '../llm.ts';
import { ModelError } from '../llm.ts';
import { inPieces, speak } from '../speak.ts';
import type { RecordedAnswer, Transcript } from '../transcript.ts';

const PIECE_SIZE = 80;
const CHARACTERS_PER_TOKEN = 4;

export type Replay = ModelProvider & {
  /** True when at least one step of this goal was recorded. */
  hasAnswerFor(goal: string): boolean;
};

/** Gives recorded answers, matched by goal and step. No language model speaks; tokens are estimates of the record. */
export function createReplay(transcript: Transcript): Replay {
  const answersTo = (goal: string) =>
    transcript.answers.filter((answer) => answer.goal.trim() === goal.trim());
  return {
    name: 'replay',
    llm: false,
    goalAddressed: true,
    hasAnswerFor: (goal) => answersTo(goal).length > 0,
    answersStep: (goal, step) => find(answersTo(goal), step) !== undefined,
    generate: async (request) => {
      request.signal.throwIfAborted();
      const answer = chosen(answersTo(request.context.goal), request.context.step);
      await speak(answer.chunks ?? inPieces(answer.text, PIECE_SIZE), request);
      return generationOf(request, answer.text);
    },
  };
}

function chosen(answers: readonly RecordedAnswer[], step: string): RecordedAnswer {
  const answer = find(answers, step);
  if (answer !== undefined) return answer;
  const recorded = answers.map((other) => other.step).join(', ') || 'none';
  throw new ModelError(
    'protocol',
    `no recorded answer for step ${step} of this goal (recorded: ${recorded})`,
  );
}

function find(answers: readonly RecordedAnswer[], step: string): RecordedAnswer | undefined {
  return (
    answers.find((recorded) => recorded.step === step) ??
    answers.find((recorded) => fitsPattern(recorded.step, step))
  );
}

/** `code.*` answers every step of that name, however often it is asked. */
function fitsPattern(recorded: string, step: string): boolean {
  return recorded.endsWith('*') && step.startsWith(recorded.slice(0, -1));
}

function generationOf({ messages }: GenerateRequest, text: string): Generation {
  const promptLength = messages.reduce((sum, { content }) => sum + content.length, 0);
  return {
    text,
    finish: 'stop',
    promptTokens: Math.ceil(promptLength / CHARACTERS_PER_TOKEN),
    generatedTokens: Math.ceil(text.length / CHARACTERS_PER_TOKEN),
    estimated: true,
  };
}
