import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelCard } from '../../models/card.ts';
import { memoryNeededMiB } from '../../models/fit.ts';
import { GgufError } from '../../models/gguf/ggufError.ts';
import type { ModelFacts } from '../../models/gguf/modelFacts.ts';
import { knownModel } from '../../models/servedName.ts';
import type { ModelProvider } from '../llm.ts';
import { readModelFile } from './modelFile.ts';
import type { ModelSize } from './place.ts';

export interface EmbeddedModel {
  card: ModelCard;
  provider: ModelProvider;
}

/** A provider that holds a process while it is loaded. */
export interface Unloadable extends ModelProvider {
  readonly pid: number | undefined;
  close(): Promise<void>;
}

export interface ModelToOpen {
  name: string;
  /** Path of the runtime's module. */
  runtime: string;
  /** Path of the file. */
  model: string;
  /** Of each slot. */
  contextTokens: number;
  threads: number;
  /** The largest first. */
  sizes: readonly ModelSize[];
}

export interface EmbeddedModelsOptions {
  /** Where the GGUF files lie. */
  folder: string;
  /** Module of the runtime; undefined: not installed, so that no file can be used. */
  runtime: string | undefined;
  /** Models that are known by name. */
  cards: readonly ModelCard[];
  /** False: the runtime computes with the processor alone, whatever GPU there is. */
  usesGpu: boolean;
  /** Answers at once, at most: where memory is short there are fewer. */
  slots: number;
  threads: number;
  open: (options: ModelToOpen) => Unloadable;
  /** Called once for a file that is no usable model, with the reason. */
  onFlaw: (file: string, why: string) => void;
}

/** Memory for a longer context is taken whether it is used or not. */
const LONGEST_CONTEXT = 16_384;

interface Known {
  version: string;
  model: { card: ModelCard; provider: Unloadable } | undefined;
}

/** The models in a folder of this machine. Files may come, go and be replaced between two looks. */
export class EmbeddedModels {
  readonly #options: EmbeddedModelsOptions;
  readonly #files = new Map<string, Known>();

  constructor(options: EmbeddedModelsOptions) {
    this.#options = options;
  }

  /** A card that is loaded names a server, because its memory is taken already. */
  async look(): Promise<EmbeddedModel[]> {
    if (this.#options.runtime === undefined) return [];
    const present = modelFiles(this.#options.folder);
    const lost = [...this.#files.keys()].filter((path) => !present.includes(path));
    for (const path of lost) await this.#forget(path);
    for (const path of present) await this.#learn(path);
    return [...this.#files.values()].flatMap(({ model }) => {
      if (model === undefined) return [];
      const { card, provider } = model;
      const taken = provider.pid === undefined ? {} : { server: 'embedded' };
      return [{ card: { ...card, ...taken }, provider }];
    });
  }

  /** Ends the processes of all models. */
  async close(): Promise<void> {
    await Promise.all([...this.#files.keys()].map((path) => this.#forget(path)));
  }

  async #learn(path: string): Promise<void> {
    const version = versionOf(path);
    if (version === undefined || this.#files.get(path)?.version === version) return;
    await this.#forget(path);
    const facts = await this.#factsOf(path);
    this.#files.set(path, { version, model: facts && this.#open(path, facts) });
  }

  async #forget(path: string): Promise<void> {
    const known = this.#files.get(path);
    this.#files.delete(path);
    await known?.model?.provider.close();
  }

  async #factsOf(path: string): Promise<ModelFacts | undefined> {
    try {
      return await readModelFile(path);
    } catch (error) {
      if (!(error instanceof GgufError)) throw error;
      this.#options.onFlaw(path, error.message);
      return undefined;
    }
  }

  #open(path: string, facts: ModelFacts) {
    const { runtime = '', slots, threads, open } = this.#options;
    const card = cardOf(path, facts, this.#options);
    const { id: name, context_tokens: contextTokens } = card;
    const sizes = sizesOf(card, slots);
    const provider = open({ name, runtime, model: path, contextTokens, threads, sizes });
    return { card, provider };
  }
}

function sizesOf(card: ModelCard, most: number): ModelSize[] {
  return Array.from({ length: most }, (_, at) => most - at).flatMap((slots) => {
    const mib = memoryNeededMiB(card, card.context_tokens, slots);
    return mib === undefined ? [] : [{ slots, mib }];
  });
}

function modelFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.toLowerCase().endsWith('.gguf'));
  return names.sort().map((name) => join(folder, name));
}

/** Undefined when the file went away meanwhile. */
function versionOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? `${stat.size} ${stat.mtimeMs}` : undefined;
}

function cardOf(
  path: string,
  facts: ModelFacts,
  { cards, usesGpu }: Pick<EmbeddedModelsOptions, 'cards' | 'usesGpu'>,
): ModelCard {
  const name =
    path
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\.gguf$/i, '') ?? path;
  const known = knownModel(name, cards);
  const { quantisation = known?.quantisation } = facts;
  return {
    id: name.slice(-120),
    family: facts.architecture,
    licence: facts.licence ?? 'unknown',
    edit_format: 'whole',
    preference: 10,
    llm: true,
    ...known,
    provider: 'embedded',
    parameters_billion: Number((facts.parameters / 1e9).toPrecision(3)),
    ...(quantisation === undefined ? {} : { quantisation }),
    file_bytes: facts.fileBytes,
    context_tokens: Math.min(facts.contextTokens, LONGEST_CONTEXT),
    dimensions: facts.dimensions,
    ...(usesGpu ? {} : { runs_on: 'processor' }),
  };
}
