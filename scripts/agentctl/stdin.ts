import { text } from 'node:stream/consumers';
import { usage } from './complaint.ts';
import type { Host } from './host.ts';

/** Called only where `-` was given: an unclosed stdin is never waited on otherwise. */
export async function readStdin({ stdin }: Host): Promise<string> {
  if (stdin.isTTY === true) {
    throw usage(
      'nothing is piped into agentctl',
      '- reads standard input, and that is a terminal',
      'agentctl submit - < payload.json',
    );
  }
  return text(stdin);
}
