export interface ModelServer {
  name: string;
  kind: 'openai-compatible' | 'ollama';
  url: string;
}

/**
 * Parses MODEL_SERVERS: `name=http://host:port/v1` or `name=ollama:http://host:port`, separated by commas. An address
 * outside this machine and its network is a flaw unless `allowCloud`.
 */
export function parseModelServers(
  text: string | undefined,
  allowCloud: boolean,
  flaws: string[],
): ModelServer[] | undefined {
  if (text === undefined) return undefined;
  const servers: ModelServer[] = [];
  const entries = text.split(',').map((part) => part.trim());
  for (const entry of entries.filter((part) => part !== '')) {
    const server = parseEntry(entry);
    const flaw = server === undefined ? malformed(entry) : flawOf(server, allowCloud, servers);
    if (flaw !== undefined) flaws.push(`MODEL_SERVERS: ${flaw}`);
    else if (server !== undefined) servers.push(server);
  }
  return servers;
}

function parseEntry(entry: string): ModelServer | undefined {
  const match = /^([\w.-]+)=(ollama:)?(https?:\/\/\S+)$/.exec(entry);
  const [, name, ollama, url] = match ?? [];
  if (name === undefined || url === undefined || !URL.canParse(url)) return undefined;
  const kind = ollama === undefined ? 'openai-compatible' : 'ollama';
  return { name, kind, url: url.replace(/\/+$/, '') };
}

function malformed(entry: string): string {
  return `${JSON.stringify(entry)} is not name=http://host:port/v1`;
}

function flawOf(
  { name, url }: ModelServer,
  allowCloud: boolean,
  others: readonly ModelServer[],
): string | undefined {
  if (others.some((other) => other.name === name)) return `the name ${name} stands twice`;
  if (allowCloud || isNear(new URL(url).hostname)) return undefined;
  return `${name} is outside this machine and its network; ALLOW_CLOUD=1 lets code go there`;
}

/** Private, link-local and loopback addresses (RFC 1918, 3927, 4193, 6598), and names that only a local resolver knows. */
const NEAR_V4 =
  /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/;
const NEAR_V6 = /^\[(?:::1\]|f[cd]|fe[89ab])/;
const NEAR_NAME = /^[^.[]+$|\.(?:local|localhost|lan|internal|home\.arpa)$/;

function isNear(hostname: string): boolean {
  return [NEAR_V4, NEAR_V6, NEAR_NAME].some((near) => near.test(hostname));
}
