import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Doorbell, Ring, Rung } from '../../lib/queue/queue.ts';
import { anId } from '../support/testStore.ts';

export interface DoorbellRoom {
  doorbell: Doorbell;
  /** Puts a message into the work queue past the doorbell. */
  send(body: string): Promise<void>;
  close(): Promise<void>;
}

const never = () => new AbortController().signal;
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** What every doorbell promises. `open` gives one on empty queues of its own. */
export function doorbellContract(open: () => Promise<DoorbellRoom>): void {
  let room: DoorbellRoom;
  beforeEach(async () => {
    room = await open();
  });
  afterEach(() => room.close());

  /** Everything that waits, received and deleted. */
  async function drain(count: number): Promise<Rung[]> {
    const rungs: Rung[] = [];
    while (rungs.length < count) {
      const some = await room.doorbell.receive({ max: 10, waitSeconds: 5, signal: never() });
      if (some.length === 0) break;
      rungs.push(...some);
    }
    await room.doorbell.delete(rungs.map(({ receipt }) => receipt));
    return rungs;
  }

  test('a ring is heard with its task and its trace context', async () => {
    const taskId = anId();
    expect(await room.doorbell.ring([{ taskId, traceparent: TRACE }])).toEqual([taskId]);
    const [rung] = await drain(1);
    expect(rung).toMatchObject({ ring: { taskId, traceparent: TRACE }, receiveCount: 1 });
  });

  test('a ring without a trace context is heard without one', async () => {
    const taskId = anId();
    await room.doorbell.ring([{ taskId }]);
    const [rung] = await drain(1);
    expect(rung?.ring).toEqual({ taskId, traceparent: undefined });
  });

  test('any number of rings is sent, and each is accepted and heard', async () => {
    const rings: Ring[] = Array.from({ length: 37 }, () => ({
      taskId: anId(),
      traceparent: TRACE,
    }));
    const ids = rings.map(({ taskId }) => taskId).toSorted();
    expect((await room.doorbell.ring(rings)).toSorted()).toEqual(ids);
    const heard = await drain(37);
    expect(heard.map(({ ring }) => ring?.taskId).toSorted()).toEqual(ids);
  });

  test('ringing for nobody is accepted', async () => {
    expect(await room.doorbell.ring([])).toEqual([]);
    await room.doorbell.delete([]);
  });

  test('a wait ends with the ring that comes during it', async () => {
    const taskId = anId();
    const waiting = room.doorbell.receive({ max: 10, waitSeconds: 10, signal: never() });
    await room.doorbell.ring([{ taskId }]);
    expect((await waiting).map(({ ring }) => ring?.taskId)).toEqual([taskId]);
  });

  test('an aborted wait resolves to nothing, at once', async () => {
    const leaving = new AbortController();
    const began = performance.now();
    const waiting = room.doorbell.receive({ max: 10, waitSeconds: 20, signal: leaving.signal });
    setImmediate(() => leaving.abort());
    expect(await waiting).toEqual([]);
    expect(
      await room.doorbell.receive({ max: 10, waitSeconds: 20, signal: AbortSignal.abort() }),
    ).toEqual([]);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('a ring that was not deleted is heard again, counted', async () => {
    await room.doorbell.ring([{ taskId: anId() }]);
    await room.doorbell.receive({ max: 1, waitSeconds: 5, signal: never() });
    const [again] = await room.doorbell.receive({ max: 1, waitSeconds: 10, signal: never() });
    expect(again?.receiveCount).toBe(2);
  });

  test('deleting twice is harmless', async () => {
    await room.doorbell.ring([{ taskId: anId() }]);
    const [rung] = await room.doorbell.receive({ max: 1, waitSeconds: 5, signal: never() });
    const receipt = rung?.receipt ?? '';
    await room.doorbell.delete([receipt, receipt]);
    await room.doorbell.delete([receipt]);
    expect(await room.doorbell.depth()).toMatchObject({ work: { visible: 0, inFlight: 0 } });
  });

  test.each([
    ['no JSON', 'hello'],
    ['no object', '7'],
    ['no task', '{"order":1}'],
    ['no task id', '{"task_id":"../../etc/passwd"}'],
  ])('a message that holds %s is given with its body and without a ring', async (_, body) => {
    await room.send(body);
    const [rung] = await drain(1);
    expect(rung).toMatchObject({ body, ring: undefined });
  });

  test('the depth tells what waits and what is being worked on', async () => {
    await room.doorbell.ring([{ taskId: anId() }, { taskId: anId() }]);
    await room.doorbell.receive({ max: 1, waitSeconds: 5, signal: never() });
    expect(await room.doorbell.depth()).toEqual({
      work: { visible: 1, inFlight: 1 },
      dead: { visible: 0, inFlight: 0 },
    });
  });
}
