import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'

/** A loader threw, or did not answer in time; `cause` says which. Arguments: view, loader, what happened. */
export const LIVE_ERR_LOADER: FastifyErrorConstructor<{ code: string }, [string, string, string, { cause: unknown }]> =
  createError('LIVE_ERR_LOADER', "view '%s': loader '%s' failed: %s", 500)

/** A loader's data is of another kind than needed. Arguments: view, loader, what it is, path, what is allowed. */
export const LIVE_ERR_LOADER_SHAPE: FastifyErrorConstructor<{ code: string }, [string, string, string, string, string]> =
  createError('LIVE_ERR_LOADER_SHAPE', "view '%s': loader '%s' returned %s at '%s'; allowed: %s, null and undefined", 500)

/** A row was returned that the guard refuses, or cannot judge. Arguments: view, loader, what is wrong. */
export const LIVE_ERR_LOADER_GUARD: FastifyErrorConstructor<{ code: string }, [string, string, string]> =
  createError('LIVE_ERR_LOADER_GUARD', "view '%s': loader '%s' returned a row that its guard does not let through: %s", 500)

/** A loader of one tenant's rows, without a tenant or with a row of another one. Arguments: what is wrong. */
export const LIVE_ERR_TENANT: FastifyErrorConstructor<{ code: string }, [string]> = createError('LIVE_ERR_TENANT', '%s', 500)

/**
 * A loader's own 404 stays one, and so does the 503 of a deadline; the rest is the server's fault. A cause that throws when it is
 * looked at (accessors, proxies) is left out: whatever writes the log would look at it again.
 */
export function wrapFailure (view: string, name: string, cause: unknown): Error {
  try {
    return wrap(view, name, cause)
  } catch {
    return wrap(view, name, new Error('it threw an error that throws when it is looked at'))
  }
}

function wrap (view: string, name: string, cause: unknown): Error {
  if (cause instanceof LIVE_ERR_TENANT) return new LIVE_ERR_TENANT(`view '${view}': loader '${name}': ${cause.message}`)
  const error = new LIVE_ERR_LOADER(view, name, messageOf(cause), { cause })
  const status = (cause as { statusCode?: unknown } | null | undefined)?.statusCode
  for (const key of LOGGED) void (cause as Record<string, unknown> | null | undefined)?.[key]
  if (typeof status === 'number' && ((status >= 400 && status < 500) || isDeadline(cause))) error.statusCode = status
  return error
}

/** What loggers read of an error besides. */
const LOGGED = ['name', 'stack', 'code', 'cause']

function messageOf (cause: unknown): string {
  return cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : 'it threw something that is no error'
}

function isDeadline (cause: unknown): boolean {
  return (cause as { code?: unknown }).code === 'LIVE_ERR_DEADLINE'
}
