import type { GenerateRequest, Generation, ModelProvider } from '../../lib/llm/llm.ts';

export interface ScriptedProvider extends ModelProvider {
  requests: GenerateRequest[];
}

/** A model whose answers are given, one after the other; the last one is repeated. */
export function scriptedProvider(answers: readonly string[]): ScriptedProvider {
  const provider: ScriptedProvider = {
    name: 'scripted',
    llm: true,
    goalAddressed: true,
    requests: [],
    generate: async (request): Promise<Generation> => {
      const text = answers[Math.min(provider.requests.length, answers.length - 1)] ?? '';
      provider.requests.push(request);
      request.onText(text);
      return {
        text,
        finish: 'stop',
        promptTokens: 100,
        generatedTokens: Math.ceil(text.length / 4),
        estimated: false,
      };
    },
  };
  return provider;
}
