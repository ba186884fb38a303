/** Says who answers; what is not a language model is never shown without that word. */
export function modelLabel(model: { model: string; provider: string; llm: boolean }): string {
  if (model.llm) return `${model.model} (${model.provider})`;
  if (model.provider === 'replay') return `${model.model} (scripted answer, not a model's)`;
  return `${model.model} (built-in skeleton, no language model)`;
}
