import { AsyncLocalStorage } from 'node:async_hooks'
import type { Tenant } from './view.ts'

/** Null where somebody works for a page without a tenant in the midst of a tenant's work; empty where nobody does. */
const scope: AsyncLocalStorage<Tenant | null> = new AsyncLocalStorage()

/**
 * The tenant that this is done for: of the page or connection whose loader, handler, rule, `state`, `globals` or lifecycle
 * function runs, and of all that it started: timers, promises, listeners of its own. Null outside of these, in views without
 * a tenant, and in `identify` and `tenant` themselves.
 */
export function currentTenant (): Tenant | null {
  return scope.getStore() ?? null
}

/**
 * Runs work as that tenant's, whoever has set it off: a handler of one tenant may wake a connection of another.
 * Without tenants nothing is ever entered, and promises stay as fast as they are (AsyncLocalStorage hooks into each of them).
 */
export function inTenant<T> (tenant: Tenant | null, work: () => T): T {
  return currentTenant() === tenant ? work() : scope.run(tenant, work)
}
