import type { NewEvent } from '../task/event.ts';

const FLUSH_MS = 40;
const MAX_CHARS = 8_192;

export interface ModelLog {
  push(delta: string): void;
  /** Sends what is left; rejects with the first failure to send. */
  close(): Promise<void>;
}

/** Gathers the pieces of an answer into few events: one each 40 ms, or each 8 Ki characters. */
export function openModelLog(step: string, emit: (event: NewEvent) => Promise<void>): ModelLog {
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  let sent: Promise<void> = Promise.resolve();

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (text === '') return;
    const event: NewEvent = { type: 'log.appended', data: { step, source: 'model', text } };
    text = '';
    sent = sent.then(() => emit(event));
    // Told by close(); until then it must not count as unhandled.
    sent.catch(() => undefined);
  }

  return {
    push: (delta) => {
      text += delta;
      if (text.length >= MAX_CHARS) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
    close: () => {
      flush();
      return sent;
    },
  };
}
