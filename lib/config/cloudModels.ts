import type { Variables } from './variables.ts';

export interface CloudModels {
  name: 'anthropic' | 'openai';
  kind: 'anthropic' | 'openai';
  url: string;
  apiKey: string;
}

/** The vendors that may be asked: with ALLOW_CLOUD and a key only. A key alone often lies about for other tools. */
export function readCloudModels(v: Variables): CloudModels[] {
  if (v.ALLOW_CLOUD !== '1') return [];
  const vendors = [
    { name: 'anthropic', url: 'https://api.anthropic.com/v1', apiKey: v.ANTHROPIC_API_KEY },
    { name: 'openai', url: 'https://api.openai.com/v1', apiKey: v.OPENAI_API_KEY },
  ] as const;
  return vendors.flatMap(({ name, url, apiKey }) =>
    apiKey === undefined ? [] : [{ name, kind: name, url, apiKey }],
  );
}
