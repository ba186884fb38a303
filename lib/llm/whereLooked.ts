import { type FoundServer, type ServerAddress, USUAL_SERVERS } from './findServers.ts';

interface Looked {
  /** MODEL_SERVERS; undefined: the usual places on loopback. */
  modelServers: readonly ServerAddress[] | undefined;
  port: number;
}

/** Where model servers were looked for, and what came of those that were named, in words for a person. */
export function whereLooked(
  { modelServers, port: ownPort }: Looked,
  found: readonly FoundServer[],
): string[] {
  if (modelServers === undefined) {
    const ports = USUAL_SERVERS.map(({ name, url }) => ({ name, port: Number(new URL(url).port) }));
    const others = ports.filter(({ port }) => port !== ownPort);
    return others.map(({ name, port }) => `${nameOf(name)} on ${port}`);
  }
  return found.map(({ name, url, problem, models }) => {
    const came =
      problem ?? (models.length === 0 ? 'it lists no models' : 'it lists none that chats');
    return `${name} at ${url} (${came})`;
  });
}

/** Two places of the same server are told apart by their port. */
function nameOf(name: string): string {
  return name.replace(/-\d+$/, '');
}
