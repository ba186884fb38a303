import { setTimeout as delay } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { SeededRandom } from './seededRandom.ts';

/** What one follower saw of a task over all its connections. */
export interface Witness {
  sequences: number[];
  types: string[];
  connections: number;
  /** Answers that are neither a stream nor an outage. */
  faults: string[];
}

const RETRY_MS = 150;
const SILENCE_MS = 10_000;

/**
 * Follows a task to its end as a browser would: it comes back with the last id that it saw. It also leaves by itself, at
 * random. Nothing is put right: what the service sends twice is seen twice.
 */
export async function followStream(
  url: string,
  random: Pick<SeededRandom, 'next' | 'between'>,
  signal: AbortSignal,
): Promise<Witness> {
  const witness: Witness = { sequences: [], types: [], connections: 0, faults: [] };
  while (!signal.aborted) {
    const patience = random.next() < 0.5 ? random.between(1, 10) : Number.POSITIVE_INFINITY;
    if ((await connectOnce(url, { witness, patience, signal })) === 'over') break;
    await delay(random.next() * RETRY_MS);
  }
  return witness;
}

interface Visit {
  witness: Witness;
  /** Events after which it leaves. */
  patience: number;
  signal: AbortSignal;
}

async function connectOnce(url: string, visit: Visit): Promise<'over' | 'again'> {
  const { witness, signal } = visit;
  const last = witness.sequences.at(-1);
  const control = new AbortController();
  const silent = setTimeout(() => control.abort(), SILENCE_MS);
  try {
    const response = await fetch(url, {
      headers: last === undefined ? {} : { 'last-event-id': String(last) },
      signal: AbortSignal.any([control.signal, signal]),
    });
    if (response.status === 204) return 'over';
    if (response.status >= 500) return 'again';
    if (response.status !== 200) {
      witness.faults.push(`status ${response.status}: ${await response.text()}`);
      return 'over';
    }
    witness.connections += 1;
    await read(response, visit, () => silent.refresh());
    return 'again';
  } catch {
    // The connection was refused or cut: that is what this test is made of.
    return 'again';
  } finally {
    clearTimeout(silent);
    control.abort();
  }
}

async function read(response: Response, { witness, patience }: Visit, heard: () => void) {
  let left = patience;
  const take = ({ id, event = 'message' }: EventSourceMessage) => {
    if (event === 'reset') witness.faults.push(`a reset after ${witness.sequences.at(-1)}`);
    if (id === undefined || event === 'snapshot' || event === 'heartbeat') return;
    witness.sequences.push(Number(id));
    witness.types.push(event);
    left -= 1;
  };
  const parser = createParser({ onEvent: take });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    heard();
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (left <= 0) return;
  }
}
