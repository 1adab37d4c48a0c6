import { LIVE_ERR_OPTION } from './errors.ts'
import { LIVE_ERR_TENANT } from './loader-error.ts'
import type { GuardContext, LoadContext, LoaderGuard } from './loader-types.ts'
import type { IsAny, SchemaData } from './schema-data.ts'
import { show } from './show-value.ts'
import type { Access, Tenant } from './view.ts'

/**
 * What a tenant's loader gets. A call within the view's definition is looked at before the view's state is known: name its type,
 * `({ state }: TenantLoadContext<State>)`, where that matters.
 */
export interface TenantLoadContext<S = any, A = Access, Data = any> extends Omit<LoadContext<S, A, Data>, 'tenant' | 'state'> {
  readonly tenant: Tenant
  readonly state: IsAny<S> extends true ? any : Readonly<S>
}

export interface TenantLoaderOptions<Schema, Result, S = any> {
  readonly schema?: Schema
  readonly eager?: boolean
  readonly deferred?: boolean
  readonly fallback?: string
  readonly guard?: LoaderGuard<S, Access, Schema>
  readonly load: (context: TenantLoadContext<S, Access, SchemaData<Schema>>) => Result
}

/** A loader with options, whose guard asks for the tenant's column and looks at it in each row. */
export interface TenantScoped<Schema, Result> {
  readonly schema?: Schema
  readonly load: (context: LoadContext<any, Access, SchemaData<Schema>>) => Result
}

export interface TenantScopedOptions {
  /** The column in which rows say whose they are. */
  readonly column: string
}

interface Guard {
  readonly columns: readonly string[]
  readonly check: (row: any, context: any) => boolean
}

interface AnyOptions {
  readonly guard?: Guard
  readonly load: (context: any) => unknown
}

/**
 * A loader of one tenant's rows: it runs with a tenant only, is asked for the column besides, and any row of another tenant
 * is refused: a query that forgets its tenant shows nothing, and the log names view, loader and column. Throws
 * LIVE_ERR_OPTION for a column that is no name.
 */
export function tenantScoped<Schema, Result> (
  loader: TenantLoaderOptions<Schema, Result>, options: TenantScopedOptions
): TenantScoped<Schema, Result>
export function tenantScoped<Result> (
  loader: (context: TenantLoadContext) => Result, options: TenantScopedOptions
): TenantScoped<unknown, Result>
export function tenantScoped (loader: AnyOptions | AnyOptions['load'], options: TenantScopedOptions): AnyOptions {
  const column: unknown = (options as TenantScopedOptions | undefined)?.column
  if (typeof column !== 'string' || column === '') {
    throw new LIVE_ERR_OPTION('column of tenantScoped', show(column), "the name of a column: tenantScoped(loader, { column: 'tenant' })")
  }
  const given = typeof loader === 'function' ? { load: loader } : loader
  if (typeof given?.load !== 'function') {
    throw new LIVE_ERR_OPTION('loader of tenantScoped', show(loader), 'a function, or an object with a load function')
  }
  const { guard, load } = given
  return Object.freeze({
    ...given,
    guard: guard === undefined ? { columns: [column], check: isOwn(column) } : joined(column, guard),
    load: (context: { readonly tenant: Tenant | null }) => {
      if (context.tenant === null) {
        throw new LIVE_ERR_TENANT('there is no tenant, and it is asked for one tenant\'s rows. Let the plugin\'s option tenant answer one, ' +
          'or close the view to visitors without: access: ({ tenant }) => tenant !== null')
      }
      return load(context)
    }
  })
}

function isOwn (column: string): Guard['check'] {
  return (row: Readonly<Record<string, unknown>>, { tenant }: GuardContext<unknown>) => {
    if (keyOf(row[column]) === String(tenant)) return true
    // Whose row it is, and what is in it, is nothing for a log.
    throw new LIVE_ERR_TENANT(`a row is not this tenant's (column '${column}'). Let the query ask for the tenant's rows only`)
  }
}

/** The application's own guard is asked as well, and answers as it would alone. What is no guard is left to the boot's check. */
function joined (column: string, guard: Guard): Guard {
  if (!Array.isArray(guard?.columns) || typeof guard.check !== 'function') return guard
  const own = isOwn(column)
  const { columns, check } = guard
  return { ...guard, columns: [column, ...columns], check: (row, context) => own(row, context) && check(row, context) }
}

/** As the tenant's own key is made: 7 in one place and '7' in the other are one tenant. Null is nobody's. */
function keyOf (value: unknown): string | null {
  return ['string', 'number', 'bigint'].includes(typeof value) ? String(value) : null
}
