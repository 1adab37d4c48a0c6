/* eslint-disable no-template-curly-in-string -- source text, as it stands in the files */
import type { Guarded } from './guarded.ts'

/** Of tenants and permissions. By file; tests in the order in which they are likely to notice. */
export const TENANT_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/view/tenant-scope.ts': {
    tests: 'tenants',
    guards: [
      ['work of a tenant', 'currentTenant() === tenant ? work() : scope.run(tenant, work)', 'work()'],
      ['work without a tenant', 'scope.run(tenant, work)', 'tenant === null ? work() : scope.run(tenant, work)'],
    ]
  },
  'lib/view/tenant-scoped.ts': {
    tests: 'tenants',
    guards: [
      ['columns are names', "typeof column !== 'string' || column === ''", 'false'],
      ['loaders are functions', "typeof given?.load !== 'function'", 'false'],
      ['not without a tenant', 'if (context.tenant === null)', 'if (false)'],
      ["the tenant's rows only", 'if (keyOf(row[column]) === String(tenant)) return true', 'return true'],
      ['texts and numbers only', "['string', 'number', 'bigint'].includes(typeof value) ? String(value) : null", 'String(value)'],
      ["the loader's own guard", ' && check(row, context)', ''],
      ['a guard that is none', "!Array.isArray(guard?.columns) || typeof guard.check !== 'function'", 'false'],
    ]
  },
  'lib/view/own-state.ts': {
    tests: 'tenants',
    guards: [
      ['defaults are copied', 'return copied as object', 'return state'],
      ['instances are nobody else\'s', 'if (taken.has(state))', 'if (false)'],
      ['lists within', 'list.push(copyOf(item, copies))', 'list.push(item)'],
      ['maps within', 'map.set(copyOf(key, copies), copyOf(item, copies))', 'map.set(key, item)'],
      ['sets within', 'set.add(copyOf(item, copies))', 'set.add(item)'],
      ['records within', 'value: copyOf(property.value, copies)', 'value: property.value'],
    ]
  },
  'lib/view/require-permission.ts': {
    tests: 'tenants',
    guards: [
      ['permissions have names', "typeof permission !== 'string' || permission === ''", 'false'],
      ['the application is asked', '=> hasPermission(permission)', '=> hasPermission(permission) !== undefined'],
    ]
  },
  'lib/limits/tenant-key.ts': {
    tests: 'tenants',
    guards: [
      ['no key without a tenant', "(part !== '' || what !== 'tenant')", 'true'],
      ['texts and whole numbers', "Number.isSafeInteger(part) || (typeof part === 'string'", "part !== '' || (typeof part === 'string'"],
    ]
  },
  'lib/view/run-lifecycle.ts': {
    tests: 'tenants view-pressure view-connection',
    guards: [
      ['lifecycle functions know their tenant', 'connection.inTenant(() => run(scope))', 'run(scope)'],
      ['what lifecycle functions throw', 'connection.fail(err, `live ${name} failed`)', 'throw err'],
    ]
  },
}
