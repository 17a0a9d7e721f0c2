// A process that npm's chain of starters left behind must not go on holding the data folder.

/** Calls `end` once when the plain starter script that made this process has gone, however it went. */
export function endWithStarter(end: () => void): void {
  if (!process.channel) return;
  process.once('disconnect', end);
  process.channel.unref();
}
