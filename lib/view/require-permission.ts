import { LIVE_ERR_OPTION } from './errors.ts'
import { show } from './show-value.ts'

/** What a rule made by `requirePermission` asks. */
export interface PermissionContext {
  hasPermission (permission: string): boolean | Promise<boolean>
}

export type PermissionRule = (context: PermissionContext) => boolean | Promise<boolean>

/**
 * An event's rule: `authorize: requirePermission('orders.cancel')`. The application's `hasPermission` is asked on every use, for
 * the identity of that moment; without one the answer is no. `can()` in a template asks it too, where it answers at once.
 */
export function requirePermission (permission: string): PermissionRule {
  if (typeof permission !== 'string' || permission === '') {
    throw new LIVE_ERR_OPTION('requirePermission', show(permission), "a permission's name: requirePermission('orders.cancel')")
  }
  return ({ hasPermission }) => hasPermission(permission)
}
