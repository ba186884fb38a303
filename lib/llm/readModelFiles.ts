import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { assetPath } from '../kernel/assets.ts';
import type { ModelCard } from '../models/card.ts';
import { mergeCards, parseCards } from '../models/registry.ts';
import { parseTranscript, type Transcript } from './transcript.ts';

/** Where a Lambda layer puts the data, for a bundle without its assets. */
const IN_LAYER = '/opt/models/cards.json';

/**
 * The cards that ship with the service and, over them, the user's own (MODELS_FILE: JSON or YAML). Throws an `Error`
 * that names the file and what is wrong in it.
 */
export function readCards(modelsFile: string | undefined): ModelCard[] {
  const builtIn = builtInFile();
  const shipped = parseCards(readText(builtIn), builtIn);
  return modelsFile === undefined
    ? shipped
    : mergeCards(shipped, parseCards(readText(modelsFile), modelsFile));
}

/** The recorded answers of REPLAY_FILE. Throws an `Error` that names the file and what is wrong in it. */
export function readTranscript(replayFile: string): Transcript {
  return parseTranscript(readData(replayFile), replayFile);
}

function builtInFile(): string {
  const file = assetPath('layers/models/cards.json');
  return existsSync(file) ? file : IN_LAYER;
}

function readData(file: string): unknown {
  const text = readText(file);
  try {
    return file.endsWith('.json') ? JSON.parse(text) : parse(text);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): Error {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${file} cannot be read: ${detail}`, { cause });
}
