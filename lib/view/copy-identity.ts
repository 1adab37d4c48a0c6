import type { Identity } from './view.ts'

/**
 * What an identity says now, to be compared with what it says later: applications that keep their users in memory answer one
 * object for each, and change it in place. Its functions are left out.
 */
export function copyIdentity (identity: Identity | null): unknown {
  try {
    return structuredClone(identity)
  } catch {
    return Object.fromEntries(Object.entries(identity as Identity).map(([name, value]) => [name, copied(value)]))
  }
}

function copied (value: unknown): unknown {
  if (typeof value === 'function') return null
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}
