import createError from '@fastify/error'

type OptionError = createError.FastifyErrorConstructor<{ code: string }, [option: string, value: string, allowed: string]>

const message = '%s is %s. Allowed: %s'

/** An entry of `origins` that is not one exact origin. */
export const OriginOptionError: OptionError = createError('LIVE_ERR_ORIGINS', message, 500)

/** A secret that is missing or too short to sign with. */
export const SecretOptionError: OptionError = createError('LIVE_ERR_SECRETS', message, 500)

/** A lifetime of page tokens that is no number of seconds in range. */
export const TokenLifetimeError: OptionError = createError('LIVE_ERR_TOKEN_LIFETIME', message, 500)

/** A page digest that the token's format cannot carry. */
export const TokenDigestError: OptionError = createError('LIVE_ERR_TOKEN_DIGEST', message, 500)
