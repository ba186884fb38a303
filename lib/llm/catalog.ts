import type { ModelCard } from '../models/card.ts';
import { knownModel, mayChat } from '../models/servedName.ts';
import type { ServerTrouble } from '../task/serverTrouble.ts';
import type { EmbeddedModel } from './embedded/embeddedModels.ts';
import type { FoundServer } from './findServers.ts';
import type { ModelProvider } from './llm.ts';
import { troublesOf } from './troublesOf.ts';

export interface CatalogSources {
  servers: readonly FoundServer[];
  /** Models that are known by name. */
  cards: readonly ModelCard[];
  /** Makes the client of a server; called once for each. */
  openServer: (server: FoundServer) => ModelProvider;
  scaffold: ModelProvider;
  /** Models that run on this machine, in processes of ours. */
  embedded?: readonly EmbeddedModel[];
  /** Recorded answers, when there are any. */
  replay?: (ModelProvider & { hasAnswerFor(goal: string): boolean }) | undefined;
}

/** The models that can be called, each by one card. */
export interface Catalog {
  readonly cards: ModelCard[];
  /** Servers that were asked and cannot be used. */
  readonly troubles: ServerTrouble[];
  /** The cards that may answer this goal: a recording only speaks to the goal it was made for. */
  candidatesFor(goal: string): ModelCard[];
  has(cardId: string): boolean;
  /** The provider asks its server for the model by the server's own name. Throws when `has` is false. */
  providerFor(cardId: string): ModelProvider;
}

const SCAFFOLD: ModelCard = {
  id: 'scaffold',
  provider: 'scaffold',
  family: 'scaffold',
  context_tokens: 1_000_000,
  edit_format: 'whole',
  licence: 'MIT',
  preference: 0,
  llm: false,
};

const REPLAY: ModelCard = {
  id: 'replay',
  provider: 'replay',
  family: 'recorded answers',
  context_tokens: 1_000_000,
  edit_format: 'whole',
  licence: 'as recorded',
  preference: 1_000,
  llm: false,
};

/** A model that no card knows: tried after those that are known to write code. */
const UNKNOWN = {
  family: 'unknown',
  context_tokens: 32_768,
  edit_format: 'whole',
  licence: 'unknown',
  preference: 10,
  llm: true,
} as const;

/** Asked only when no model on the user's own machines can. Their contexts are larger; the bill grows with them. */
const CLOUD = {
  family: 'cloud',
  context_tokens: 128_000,
  edit_format: 'whole',
  licence: 'commercial service',
  preference: 5,
  llm: true,
} as const;

interface Entry {
  card: ModelCard;
  provider: ModelProvider;
}

/** Matches what the servers serve with what is known of models. Built anew whenever the servers are looked for. */
export function buildCatalog(sources: CatalogSources): Catalog {
  const entries = new Map<string, Entry>();
  for (const server of sources.servers) addServer(entries, server, sources);
  for (const { card, provider } of sources.embedded ?? []) {
    const id = freeId(entries, [card.id, `${card.id}@embedded`]);
    entries.set(id, { card: { ...card, id }, provider });
  }
  if (sources.replay) entries.set(REPLAY.id, { card: REPLAY, provider: sources.replay });
  entries.set(SCAFFOLD.id, { card: SCAFFOLD, provider: sources.scaffold });
  const cards = [...entries.values()].map(({ card }) => card);
  return {
    cards,
    troubles: troublesOf(sources.servers),
    candidatesFor: (goal) =>
      cards.filter((card) => card.id !== REPLAY.id || sources.replay?.hasAnswerFor(goal) === true),
    has: (cardId) => entries.has(cardId),
    providerFor: (cardId) => {
      const entry = entries.get(cardId);
      if (entry === undefined) throw new Error(`no model ${cardId} can be called`);
      return entry.provider;
    },
  };
}

function addServer(
  entries: Map<string, Entry>,
  server: FoundServer,
  sources: CatalogSources,
): void {
  const client = sources.openServer(server);
  for (const served of server.models.filter(mayChat)) {
    const known = knownModel(served, sources.cards);
    const id = freeId(entries, [known?.id ?? served, `${served}@${server.name}`]);
    const unknown = isCloud(server) ? CLOUD : UNKNOWN;
    const told = server.contexts?.[served];
    const card: ModelCard = {
      ...(known ?? unknown),
      ...(told === undefined
        ? {}
        : { context_tokens: Math.min(told, known?.context_tokens ?? told) }),
      id,
      provider: server.kind,
      server: server.name,
    };
    entries.set(id, { card, provider: asServed(client, served) });
  }
}

function isCloud({ kind }: FoundServer): boolean {
  return kind === 'anthropic' || kind === 'openai';
}

/** Two servers may serve the same model, and one server two quantisations of it. */
function freeId(entries: ReadonlyMap<string, Entry>, wished: readonly string[]): string {
  const taken = (id: string) => entries.has(id) || id === REPLAY.id || id === SCAFFOLD.id;
  const short = wished.map((id) => id.slice(-120));
  const base = short.at(-1) ?? '';
  for (let copy = 2; ; copy++) {
    const free = short.find((id) => !taken(id));
    if (free !== undefined) return free;
    short.push(`${base}#${copy}`);
  }
}

function asServed(client: ModelProvider, served: string): ModelProvider {
  const { name, llm, goalAddressed } = client;
  const generate: ModelProvider['generate'] = (request) =>
    client.generate({ ...request, model: served });
  return { name, llm, goalAddressed, generate };
}
