import type { Generation, ModelProvider } from '../llm.ts';
import { scaffoldAnswer } from '../scaffold/scaffoldAnswer.ts';
import { inPieces, speak } from '../speak.ts';

const PIECE_SIZE = 200;

/** Built in, always there, no language model: a skeleton that compiles, derived from what is expected. Never fails. */
export function createScaffold(): ModelProvider {
  return {
    name: 'scaffold',
    llm: false,
    goalAddressed: false,
    generate: async (request): Promise<Generation> => {
      request.signal.throwIfAborted();
      const text = scaffoldAnswer(request.context);
      await speak(inPieces(text, PIECE_SIZE), request);
      return { text, finish: 'stop', promptTokens: 0, generatedTokens: 0, estimated: false };
    },
  };
}
