import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'

type FieldErrorConstructor = FastifyErrorConstructor<{ code: string, statusCode: 500 }, [string]>

/** No rule says what a template node reads. Passing over it in silence would be data that is read and never loaded. */
export const LIVE_ERR_UNKNOWN_NODE: FieldErrorConstructor = createError('LIVE_ERR_UNKNOWN_NODE', '%s', 500)

/** A name in a template is neither state, loader nor global. */
export const LIVE_ERR_UNKNOWN_ROOT: FieldErrorConstructor = createError('LIVE_ERR_UNKNOWN_ROOT', '%s', 500)

/** A template reads a field that the loader's schema does not name. */
export const LIVE_ERR_UNKNOWN_FIELD: FieldErrorConstructor = createError('LIVE_ERR_UNKNOWN_FIELD', '%s', 500)

/** A template reads all of a loader's data, and no schema says what that is. */
export const LIVE_ERR_WHOLE_READ: FieldErrorConstructor = createError('LIVE_ERR_WHOLE_READ', '%s', 500)

/** A template changes data in place, which is kept for the next rendering. */
export const LIVE_ERR_TEMPLATE_CHANGE: FieldErrorConstructor = createError('LIVE_ERR_TEMPLATE_CHANGE', '%s', 500)

/** One name means two things. Arguments: name, first kind, second kind. */
export const LIVE_ERR_NAME_COLLISION: FastifyErrorConstructor<{ code: string, statusCode: 500 }, [string, string, string]> =
  createError('LIVE_ERR_NAME_COLLISION', "'%s' is both a %s and a %s; a template could not tell them apart: rename one", 500)
