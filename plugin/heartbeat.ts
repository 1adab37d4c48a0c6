/** Milliseconds between two beats. */
const PERIOD = 5000

/**
 * Calls `beat` every five seconds: one timer for the whole application, whatever the number of its connections. What it
 * throws is told to `failed`, and the next beat comes: an exception in a timer would end the process.
 * @returns stops it
 */
export function startHeartbeat (beat: () => void, failed: (error: unknown) => void): () => void {
  const timer = setInterval(() => {
    try {
      beat()
    } catch (error) {
      failed(error)
    }
  }, PERIOD)
  // A process that has nothing else to do may end.
  timer.unref()
  return () => { clearInterval(timer) }
}
