import { usage } from '../complaint.ts';

export interface Source {
  url: string;
  /** Name in AGENT_HOME/models. */
  fileName: string;
  sha256: string | undefined;
}

interface Card {
  id: string;
  source?: string | undefined;
  sha256?: string | undefined;
}

/** Where a model is to be had: an address, or the name of a card that tells one. */
export function sourceOf(wanted: string, cards: readonly Card[]): Source {
  if (/^https?:\/\//.test(wanted)) return fromUrl(wanted, undefined);
  const card = cards.find(({ id }) => id === wanted);
  if (card?.source !== undefined) return fromUrl(card.source, card.sha256);
  const known = cards.flatMap(({ id, source }) => (source === undefined ? [] : [id]));
  const why =
    card === undefined
      ? 'no card has that name, and it is no address'
      : 'its card names no file, because it is published in several places or parts';
  throw usage(
    `it is not known where to get ${JSON.stringify(wanted)}`,
    why,
    `agentctl models pull NAME with one of: ${known.join(', ')}; or the address of a .gguf file`,
  );
}

function fromUrl(url: string, sha256: string | undefined): Source {
  const fileName = URL.canParse(url) ? nameIn(new URL(url)) : '';
  if (!/^\w[\w.+-]*\.gguf$/i.test(fileName)) {
    throw usage(
      `${JSON.stringify(url)} does not end in the name of a .gguf file`,
      'the embedded runtime reads GGUF files only',
      'name the address of the file itself, such as https://huggingface.co/.../resolve/main/x.gguf',
    );
  }
  if (/-\d{5}-of-(?!00001)\d{5}\.gguf$/i.test(fileName)) {
    throw usage(
      `${fileName} is one part of a model in several files`,
      'one file is fetched at a time, and a part alone cannot be loaded',
      'choose a quantisation that is published as one file',
    );
  }
  return { url, fileName, sha256 };
}

function nameIn({ pathname }: URL): string {
  const last = pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch (cause) {
    if (cause instanceof URIError) return '';
    throw cause;
  }
}
