import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'

type Coded<A extends unknown[]> = FastifyErrorConstructor<{ code: string }, A & [unknown?, unknown?, unknown?]>

/** An option has a value that is not allowed. Arguments: option, value as text, what is allowed. */
export const LIVE_ERR_OPTION: Coded<[string, string, string]> =
  createError('LIVE_ERR_OPTION', "option '%s' is %s; allowed: %s", 500)

// Views
export const LIVE_ERR_VIEW: Coded<[string, string, string]> =
  createError('LIVE_ERR_VIEW', "view '%s': %s. %s", 500)
export const LIVE_ERR_VIEW_UNKNOWN: Coded<[string, string]> =
  createError('LIVE_ERR_VIEW_UNKNOWN', "no view is registered under the name '%s'; registered: %s", 500)
export const LIVE_ERR_VIEW_DUPLICATE: Coded<[string]> =
  createError('LIVE_ERR_VIEW_DUPLICATE', "two different views are named '%s'; view names are unique in an application", 500)
export const LIVE_ERR_EVENT_UNDECLARED: Coded<[string, string, string]> =
  createError('LIVE_ERR_EVENT_UNDECLARED',
    "view '%s': event '%s' is a bare function, and eventSecurity is 'strict'. Declare it: %s: { run: (context) => { ... } }", 500)
export const LIVE_ERR_EVENT_UNKNOWN: Coded<[string, string, string]> =
  createError('LIVE_ERR_EVENT_UNKNOWN', "%s: '%s' is not an event of the view. %s", 500)
export const LIVE_ERR_CAN_ASYNC: Coded<[string]> =
  createError('LIVE_ERR_CAN_ASYNC', "can('%s') in a template needs an authorize that answers at once, not a promise", 500)
export const LIVE_ERR_PAYLOAD_SCHEMA: Coded<[string, string]> =
  createError('LIVE_ERR_PAYLOAD_SCHEMA', "payload of event '%s': %s", 500)
export const LIVE_ERR_STATE_SIZE: Coded<[string, string, number]> =
  createError('LIVE_ERR_STATE_SIZE', "view '%s': its state takes %s bytes, and maxStateSize is %d. Keep rows in loaders, of which only " +
    'what the template reads is held; or raise maxStateSize, for the route or for all', 500)

// Life of a connection
export const LIVE_ERR_IDENTITY: Coded<[string, string, string]> =
  createError('LIVE_ERR_IDENTITY', '%s answered %s; allowed: %s', 500)
export const LIVE_ERR_DENIED: Coded<[]> = createError('LIVE_ERR_DENIED', 'Access denied', 403)
export const LIVE_ERR_SIGN_IN: Coded<[]> = createError('LIVE_ERR_SIGN_IN', 'Sign in first', 401)
export const LIVE_ERR_TOO_MANY: Coded<[]> = createError('LIVE_ERR_TOO_MANY', 'Too many requests', 429)
export const LIVE_ERR_BUSY: Coded<[]> = createError('LIVE_ERR_BUSY', 'Try again later', 503, Error, false)
export const LIVE_ERR_ORIGIN: Coded<[]> = createError('LIVE_ERR_ORIGIN', 'Origin not allowed', 403, Error, false)
export const LIVE_ERR_UPGRADE: Coded<[]> = createError('LIVE_ERR_UPGRADE', 'No live view here', 404, Error, false)
/** The session store failed or did not answer in time. Arguments: what it said; the cause. */
export const LIVE_ERR_SESSION_STORE: Coded<[string, { readonly cause: unknown }]> = createError('LIVE_ERR_SESSION_STORE', 'the session store failed: %s', 503)
export const LIVE_ERR_DEADLINE: Coded<[string, number]> =
  createError('LIVE_ERR_DEADLINE', '%s took longer than %d ms', 503)
export const LIVE_ERR_ADDRESS: Coded<[string, string]> =
  createError('LIVE_ERR_ADDRESS', "%s: '%s' is not an address of this site; give an absolute path such as '/orders?page=2'", 500)
