/** Milliseconds to wait before attempt `n`: full jitter, so that the clients of a restarted server do not come all at once. */
export function backoff (attempt: number, random: () => number): number {
  return random() * Math.min(30_000, 500 * 2 ** attempt)
}

/** Whether one more automatic reload is fair, given when the last ones were: at most 10 a minute. */
export function mayReload (times: readonly number[], now: number): boolean {
  return times.filter((time) => now - time < 60_000).length < 10
}
