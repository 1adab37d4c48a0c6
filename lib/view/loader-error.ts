import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'

/** A loader threw, or did not answer in time; `cause` says which. Arguments: view, loader, what happened. */
export const LIVE_ERR_LOADER: FastifyErrorConstructor<{ code: string }, [string, string, string, { cause: unknown }]> =
  createError('LIVE_ERR_LOADER', "view '%s': loader '%s' failed: %s", 500)
