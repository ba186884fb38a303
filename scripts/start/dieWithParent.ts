// Loaded first into the children of `npm start`. When the parent is killed, the channel to it breaks, and the child
// ends itself as it would on SIGTERM: a killed parent leaves nothing that holds the port or takes tasks.
const LAST_RESORT_MS = 60_000;

process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
});
// It must not keep a child alive that is done.
process.channel?.unref();
