import { setImmediate } from 'node:timers/promises';

const TURN_MS = 8;

/**
 * Work on a large tree, cut into short turns: the same thread sends the heartbeats that keep the task. To be asked after
 * each small piece: `if (turns.isOver) await turns.rest();`
 */
export class Turns {
  #endsAt = performance.now() + TURN_MS;

  get isOver(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** Lets everybody else have a turn. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#endsAt = performance.now() + TURN_MS;
  }
}
