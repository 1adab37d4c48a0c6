import type { Identity } from '../plugin/index.ts'

const permissions: Readonly<Record<string, readonly string[]>> = {
  clerk: ['orders.move', 'orders.change'],
  viewer: []
}

/** Answers at once, so that templates can ask too. */
export function hasPermission (identity: Identity, permission: string): boolean {
  return permissions[String(identity['role'])]?.includes(permission) === true
}
