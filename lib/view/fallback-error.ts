import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'

/** A loader's fallback cannot stand in for its data. Arguments: view, template, loader, what is wrong, the way out. */
export const LIVE_ERR_FALLBACK: FastifyErrorConstructor<{ code: string }, [string, string, string, string, string]> =
  createError('LIVE_ERR_FALLBACK', "view '%s': the fallback '%s' of loader '%s' %s. %s", 500)
