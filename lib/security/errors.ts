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

type UtilityError =
  createError.FastifyErrorConstructor<{ code: string }, [what: string, fix: string, options?: { readonly cause: unknown }]>

const whatAndFix = '%s. %s'

/** A format of `formatHtml` with a value where none can be made safe, or whose placeholders and values do not match. */
export const FormatError: UtilityError = createError('LIVE_ERR_FORMAT', whatAndFix, 500)

/** A value that `formatHtml` has no text for. */
export const FormatValueError: UtilityError = createError('LIVE_ERR_FORMAT_VALUE', whatAndFix, 500)

/** A value that JSON cannot hold. */
export const ScriptJsonError: UtilityError = createError('LIVE_ERR_SCRIPT_JSON', whatAndFix, 500)

/** A target or an allow-list that `safeSet` and `safeAssign` cannot work with. */
export const FieldsError: UtilityError = createError('LIVE_ERR_FIELDS', whatAndFix, 500)
