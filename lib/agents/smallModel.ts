import type { ModelCard } from '../models/card.ts';

const SMALL_BILLION = 8;

/** Models of that size lose the thread in long answers: one file a call, and no plan that the task does not need. */
export function isSmall({ parameters_billion: billion }: ModelCard): boolean {
  return billion !== undefined && billion <= SMALL_BILLION;
}
