import type { Journal, StepDefinition, StepOutcome } from '../../lib/agents/journal.ts';
import { hashOf } from '../../lib/kernel/canonicalJson.ts';
import { restoreTree } from '../../lib/sandbox/workspace/patch.ts';
import { denialEvents } from '../../lib/task/audit.ts';
import { type NewEvent, parseNewEvent } from '../../lib/task/event.ts';

interface Recorded {
  inputHash: string;
  outcome: StepOutcome<unknown>;
}

/** What outlives an attempt: rows as a database would give them back, so as JSON text. */
export type Rows = Map<string, string>;

export interface MemoryJournal extends Journal {
  events: NewEvent[];
  /** Keys of the steps that were really run, in order. */
  ran: string[];
  replayed: string[];
}

/** A journal without a database; given the rows of an earlier attempt it replays them. */
export function memoryJournal(
  trees: { base: string; work: string },
  rows: Rows = new Map(),
): MemoryJournal {
  const journal: MemoryJournal = {
    events: [],
    ran: [],
    replayed: [],
    emit: async (event) => {
      journal.events.push(parseNewEvent(event.type, event.data));
    },
    deny: async (denials) => {
      for (const event of denialEvents(denials)) await journal.emit(event);
    },
    step: async <T>({ key, input, run }: StepDefinition<T>): Promise<T> => {
      const inputHash = hashOf(input);
      const recorded: Recorded | undefined = JSON.parse(rows.get(key) ?? 'null') ?? undefined;
      if (recorded?.inputHash === inputHash) {
        journal.replayed.push(key);
        const { patch } = recorded.outcome;
        if (patch !== undefined) await restoreTree({ ...trees, patch });
        return recorded.outcome.output as T;
      }
      journal.ran.push(key);
      const outcome = await run();
      rows.set(key, JSON.stringify({ inputHash, outcome }));
      return outcome.output;
    },
  };
  return journal;
}
