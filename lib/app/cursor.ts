import { Refusal } from '../kernel/errors.ts';
import { parseTaskId, type TaskId } from '../kernel/ids.ts';

/** A page cursor is opaque to clients, so that what is in it may change. */
export function encodeCursor(before: TaskId): string {
  return Buffer.from(before, 'latin1').toString('base64url');
}

export function decodeCursor(cursor: string): TaskId {
  const before = parseTaskId(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (before !== undefined) return before;
  const detail = 'the cursor is not one that this service gave';
  throw new Refusal('invalid', detail, {
    code: 'cursor_invalid',
    remedy: 'send next_cursor of the page before, unchanged, or none for the first page',
    errors: [{ pointer: '/cursor', detail }],
  });
}
