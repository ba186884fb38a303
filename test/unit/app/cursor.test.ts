import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../lib/app/cursor.ts';
import { requireTaskId } from '../../../lib/app/refusals.ts';

test('a cursor that was given is understood again', () => {
  const taskId = requireTaskId('01938f2e-6f00-7000-8000-000000000001');
  expect(decodeCursor(encodeCursor(taskId))).toBe('01938f2e-6f00-7000-8000-000000000001');
});

test.each(['', 'x', '%%%', Buffer.from('drop table').toString('base64url')])(
  'the cursor %j is refused',
  (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'cursor_invalid' }));
  },
);
