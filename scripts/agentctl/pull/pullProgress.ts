import type { Context } from '../context.ts';
import { bytes as amount, duration } from '../render/text.ts';

/** The rate is that of the latest seconds: an earlier pause must not count for ever. */
const WINDOW_MS = 5_000;
const FRAME_MS = 100;
/** Without a terminal a line is written each tenth of the way, or each half minute. */
const LINE_MS = 30_000;
const BAR = 24;
const ERASE_LINE = '\r\u001b[2K';

interface Sample {
  atMs: number;
  done: number;
}

/** How far a download is, and how fast. Times are milliseconds of one clock. */
export class Pace {
  #samples: Sample[] = [];

  add(sample: Sample): void {
    this.#samples = this.#samples.filter(({ atMs }) => sample.atMs - atMs <= WINDOW_MS);
    this.#samples.push(sample);
  }

  /** Bytes a second; undefined before there is anything to tell it from. */
  get rate(): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs === first.atMs) return undefined;
    return ((last.done - first.done) / (last.atMs - first.atMs)) * 1_000;
  }
}

/** `[█████░░░] 42 %  1.97 of 4.68 GB  31.2 MB/s  1 min 26 s left`. */
export function progressLine(
  done: number,
  total: number | undefined,
  rate: number | undefined,
): string {
  const speed = rate === undefined ? [] : [`${amount(Math.round(rate))}/s`];
  if (total === undefined) return [amount(done), ...speed].join('  ');
  const part = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.floor(part * BAR);
  const bar = `[${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}]`;
  const left = rate ? [`${duration(((total - done) / rate) * 1_000)} left`] : [];
  const percent = `${Math.floor(part * 100)} %`.padStart(5);
  return [`${bar} ${percent}`, `${amount(done)} of ${amount(total)}`, ...speed, ...left].join('  ');
}

export interface PullProgress {
  report(done: number, total: number | undefined): void;
  note(text: string): void;
  close(): void;
}

/** One line that is drawn anew on a terminal, now and then a new line elsewhere, nothing with --json. */
export function openPullProgress({ terminal, json }: Context): PullProgress {
  if (json) return { report: () => undefined, note: () => undefined, close: () => undefined };
  const pace = new Pace();
  const told = { atMs: Number.NEGATIVE_INFINITY, tenth: -1 };
  const erase = terminal.live ? ERASE_LINE : '';
  return {
    report: (done, total) => {
      const nowMs = performance.now();
      const tenth = total === undefined ? 0 : Math.floor((done / total) * 10);
      const due = nowMs - told.atMs >= (terminal.live ? FRAME_MS : LINE_MS);
      if (!due && tenth === told.tenth) return;
      pace.add({ atMs: nowMs, done });
      Object.assign(told, { atMs: nowMs, tenth });
      const line = progressLine(done, total, pace.rate);
      terminal.err(terminal.live ? erase + line.slice(0, terminal.columns - 1) : `${line}\n`);
    },
    note: (text) => terminal.err(`${erase}${text}\n`),
    close: () => terminal.err(erase),
  };
}
