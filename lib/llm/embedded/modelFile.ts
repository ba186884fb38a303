import { open } from 'node:fs/promises';
import { readGgufHeader } from '../../models/gguf/ggufHeader.ts';
import { type ModelFacts, modelFacts } from '../../models/gguf/modelFacts.ts';

/**
 * What a GGUF file says of its model; reads its header alone. Throws `GgufError` for a file that is no whole model, and
 * the system's error when it cannot be read.
 */
export async function readModelFile(path: string): Promise<ModelFacts> {
  const file = await open(path, 'r');
  try {
    const { size: bytes } = await file.stat();
    const read = async (at: number, length: number): Promise<Uint8Array> => {
      const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, at);
      if (bytesRead < length) throw new Error(`${path} was cut while it was read`);
      return buffer;
    };
    return modelFacts(await readGgufHeader({ bytes, read }));
  } finally {
    await file.close();
  }
}
