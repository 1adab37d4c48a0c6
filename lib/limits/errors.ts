import createError from '@fastify/error'

type OptionError = createError.FastifyErrorConstructor<{ code: string }, [option: string, value: string, allowed: string]>

/** A limit that is no number in its range, or no limit at all. */
export const LimitOptionError: OptionError = createError('LIVE_ERR_LIMITS', '%s is %s. Allowed: %s', 500)

/** A key for what is kept by tenant, of something that is no part of one. Arguments: which, what is allowed. */
export const LIVE_ERR_TENANT_KEY: createError.FastifyErrorConstructor<{ code: string }, [part: string, allowed: string]> =
  createError('LIVE_ERR_TENANT_KEY', 'tenantKey: %s is not allowed. Allowed: %s', 500)
