import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeComment, encodeFrame, encodeRetry } from '../../../lib/http/sse.ts';

function read(text: string): EventSourceMessage[] {
  const messages: EventSourceMessage[] = [];
  createParser({ onEvent: (message) => messages.push(message) }).feed(text);
  return messages;
}

test('a frame is its id, its event and one line of data', () => {
  const frame = encodeFrame({ event: 'task.claimed', id: 2, data: { worker: 'w' } });
  expect(frame).toBe('id: 2\nevent: task.claimed\ndata: {"worker":"w"}\n\n');
});

test('a frame without an id leaves the cursor of the reader alone', () => {
  expect(encodeFrame({ event: 'heartbeat', data: {} })).toBe('event: heartbeat\ndata: {}\n\n');
});

test('line breaks in data never break the frame', () => {
  const data = { text: 'one\ntwo\r\nthree\u2028four\n\nid: 9\nevent: forged' };
  const [message, ...rest] = read(encodeFrame({ event: 'log.appended', id: 1, data }));
  expect(rest).toEqual([]);
  expect(message?.id).toBe('1');
  expect(JSON.parse(message?.data ?? '')).toEqual(data);
});

test('whatever is encoded is what a parser reads', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), (values) => {
      const text = values.map((data, at) => encodeFrame({ event: 'e', id: at + 1, data })).join('');
      const messages = read(text);
      expect(messages.map(({ data }) => data)).toEqual(
        values.map((value) => JSON.stringify(value)),
      );
      expect(messages.map(({ id }) => id)).toEqual(values.map((_, at) => String(at + 1)));
    }),
  );
});

test('a comment is no message, whatever line breaks it holds', () => {
  expect(encodeComment('heartbeat')).toBe(': heartbeat\n\n');
  expect(read(encodeComment('a\ndata: forged\r\n\r\ndata: again'))).toEqual([]);
});

test('the retry field stands alone', () => {
  expect(encodeRetry(1_000)).toBe('retry: 1000\n\n');
});
