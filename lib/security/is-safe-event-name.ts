// In JavaScript `$` without the m flag is the end of the text, so a trailing newline fails.
const eventName = /^[a-z][a-z0-9_]{0,63}$/

/**
 * True for a name that an event may have: a lower-case letter, then lower-case letters, digits and underscores, 64 in all.
 * Neither `__proto__` nor `toString` nor look-alike letters fit, but a declared-handler lookup is still needed:
 * `constructor` does fit.
 */
export function isSafeEventName (name: unknown): name is string {
  return typeof name === 'string' && eventName.test(name)
}
