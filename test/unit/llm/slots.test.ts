import { expect, test } from 'vitest';
import { Slots } from '../../../lib/llm/embedded/slots.ts';

const signal = () => new AbortController().signal;

test('so many enter at once, the others in the order of their coming', async () => {
  const slots = new Slots(2);
  const order: number[] = [];
  const leaves = [await slots.take(signal()), await slots.take(signal())];
  const third = slots.take(signal()).then((leave) => {
    order.push(3);
    return leave;
  });
  const fourth = slots.take(signal()).then(() => order.push(4));
  leaves[0]?.();
  const leave = await third;
  expect(order).toEqual([3]);
  leave();
  await fourth;
  expect(order).toEqual([3, 4]);
});

test('whoever gives up waiting takes no place', async () => {
  const slots = new Slots(1);
  const leave = await slots.take(signal());
  const controller = new AbortController();
  const waiting = slots.take(controller.signal);
  const next = slots.take(signal());
  controller.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
  leave();
  expect(await next).toBeTypeOf('function');
});
