import type { ModelCard } from '../models/card.ts';
import { isSmall } from './smallModel.ts';

/** Whole files are what models get right; beyond these lengths they cost too much and come back abbreviated. */
const LONG_LINES = 400;
const LONG_LINES_OF_SMALL = 150;

/** Whether a model changes a file of that many lines by SEARCH/REPLACE, and does not write it anew. */
export function byPassages(model: ModelCard, content: string): boolean {
  return model.edit_format === 'search_replace' || isLong(model, content);
}

export function isLong(model: ModelCard, content: string): boolean {
  return lineCount(content) > (isSmall(model) ? LONG_LINES_OF_SMALL : LONG_LINES);
}

export function lineCount(content: string): number {
  if (content === '') return 0;
  return content.split('\n').length - (content.endsWith('\n') ? 1 : 0);
}
