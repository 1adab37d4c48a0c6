import createError from '@fastify/error'

type OptionError = createError.FastifyErrorConstructor<{ code: string }, [option: string, value: string, allowed: string]>

/** A limit that is no number in its range, or no limit at all. */
export const LimitOptionError: OptionError = createError('LIVE_ERR_LIMITS', '%s is %s. Allowed: %s', 500)
