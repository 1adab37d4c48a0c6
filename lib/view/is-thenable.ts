/** Query builders and ODMs answer with thenables that are no Promise: taken for results, they would never run. */
export function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
