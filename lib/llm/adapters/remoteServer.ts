import { dialectOf, type ServerKind } from '../dialects/dialectOf.ts';
import { createRemote, type RemoteOptions, type RemoteProvider } from '../remote/remoteProvider.ts';

/** A client for one server of models: on this machine, in its network, or, for the cloud kinds, at a vendor. */
export function createRemoteServer(server: RemoteOptions & { kind: ServerKind }): RemoteProvider {
  return createRemote(dialectOf(server.kind), server);
}
