export interface ModelServer {
  name: string;
  kind: 'openai' | 'ollama';
  url: string;
}

/** Parses MODEL_SERVERS: `name=http://host:port/v1` or `name=ollama:http://host:port`, separated by commas. */
export function parseModelServers(
  text: string | undefined,
  flaws: string[],
): ModelServer[] | undefined {
  if (text === undefined) return undefined;
  const servers: ModelServer[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const match = /^([\w.-]+)=(ollama:)?(https?:\/\/\S+)$/.exec(entry);
    const [, name, ollama, url] = match ?? [];
    if (name === undefined || url === undefined || !URL.canParse(url)) {
      flaws.push(`MODEL_SERVERS: ${JSON.stringify(entry)} is not name=http://host:port/v1`);
      continue;
    }
    if (servers.some((server) => server.name === name)) {
      flaws.push(`MODEL_SERVERS: the name ${name} stands twice`);
      continue;
    }
    servers.push({
      name,
      kind: ollama === undefined ? 'openai' : 'ollama',
      url: url.replace(/\/+$/, ''),
    });
  }
  return servers;
}
