import type { FastifyReply, FastifyRequest } from 'fastify'
import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'
import { renderPage } from '../lib/render/render-page.ts'
import { createErrorId } from '../lib/security/error-id.ts'
import { LIVE_ERR_DENIED, LIVE_ERR_SIGN_IN, LIVE_ERR_TOO_MANY } from '../lib/view/errors.ts'
import { LIVE_ERR_LOADER } from '../lib/view/loader-error.ts'
import { logError } from '../lib/view/log-error.ts'
import type { Mount } from '../lib/view/mount.ts'
import { retainedSize } from '../lib/view/retained-size.ts'
import { ipKey } from '../lib/limits/ip-key.ts'
import { LIVE_ERR_ROUTE } from './live-route.ts'
import type { LiveRoute } from './live-route.ts'
import type { LiveViews } from './live-views.ts'
import { mountVisitor } from './mount-visitor.ts'
import { pageDigest } from './page-digest.ts'
import { valuesOf } from './route-values.ts'
import { sessionIdOf, sessionValues } from './session-access.ts'
import { checkAccess, identifyVisitor } from './visitor.ts'
import type { Visitor } from './visitor.ts'

/** What a page throws that failed. `cause` is what happened, logged under `errorId`: the one thing that a browser may be told. */
export const LIVE_ERR_PAGE: FastifyErrorConstructor<{ code: string, errorId: string }, [detail: string]> =
  createError('LIVE_ERR_PAGE', 'The page could not be shown%s', 500) as never

/**
 * The handler of a live route: `app.get('/orders', { live: { view: 'orders' } }, page)`. It renders the view as an
 * ordinary page, and keeps what it mounted for the socket that is about to come.
 */
export async function page (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const route = request.routeOptions.config.liveRoute
  if (route === undefined) throw new LIVE_ERR_ROUTE(request.routeOptions.url as string, "has the handler page but no option live: { view: '...' }")
  const { liveViews } = request.server
  reply.type('text/html; charset=utf-8')
  if (!liveViews.pageBuckets.take(ipKey(request.ip))) {
    liveViews.refuseRequest(request, 'LIVE_ERR_TOO_MANY', 'limit', 'pages of one address')
    throw new LIVE_ERR_TOO_MANY()
  }
  const { settings } = liveViews
  const { compiled } = liveViews.settingsOf(route)
  const { params, query } = valuesOf(request)
  const reported = new Map<unknown, string>()
  const report = (err: unknown, message: string): string => {
    const errorId = reported.get(err) ?? createErrorId()
    if (!reported.has(err)) logError(request.log, { err, errorId, view: compiled.view.name }, message)
    reported.set(err, errorId)
    return errorId
  }
  try {
    const visitor = await identifyVisitor(settings, request, sessionValues(request))
    await checkAccess(settings, compiled.view, visitor, { params, query })
    // fastify answers HEAD by the GET's handler: nothing is mounted for it.
    if (request.method === 'HEAD') return reply.send('')
    const mount = await mountVisitor(liveViews, route, request, reply, visitor, {
      deferred: 'later',
      failure: 'throws',
      signal: request.signal,
      failed: (err) => report(err, 'live loader failed'),
    })
    liveViews.compiled.checkNames(mount)
    return reply.send(renderMount(liveViews, route, request, reply, visitor, mount))
  } catch (err) {
    if (err instanceof LIVE_ERR_SIGN_IN && settings.signInUrl !== null) return reply.redirect(settings.signInUrl, 303)
    if (err instanceof LIVE_ERR_DENIED) liveViews.refuseRequest(request, 'LIVE_ERR_DENIED', 'denied', 'access to the page')
    if (err instanceof LIVE_ERR_SIGN_IN || err instanceof LIVE_ERR_DENIED) throw err
    const errorId = report(err, 'live page failed')
    const failure = new LIVE_ERR_PAGE(settings.production ? ` (${errorId})` : `: ${err instanceof Error ? err.message : String(err)}`)
    // Not to be enumerated: error handlers spread what they are given into their answers.
    Object.defineProperties(failure, { cause: { value: err }, errorId: { value: errorId } })
    // A row that is not there is no fault of the server, and a loader that is too slow is no bug of the page.
    if (err instanceof LIVE_ERR_LOADER) failure.statusCode = err.statusCode as number
    throw failure
  }
}

function renderMount (
  liveViews: LiveViews, route: LiveRoute, request: FastifyRequest, reply: FastifyReply, visitor: Visitor, mount: Mount
): string {
  const { settings, clientUrl } = liveViews
  const session = sessionIdOf(request)
  const token = liveViews.tokens.issue(route, request, { session, visitor }, pageDigest(mount))
  const nonce = settings.nonce({ request, reply })
  const attribute = nonce === undefined ? '' : ` nonce="${nonce.replace(/[^\w+/=-]/g, '')}"`
  // eslint-disable-next-line live-security/no-html-template -- base64url, the plugin's own path, and a nonce without quotes
  const head = `<meta name="live-token" content="${token}"><script src="${clientUrl}" defer${attribute}></script>`
  const html = renderPage(mount.tree, { head })
  if (isDocument(request)) {
    const { identityKey: identity, tenantKey: tenant } = visitor
    const owner = { address: ipKey(request.ip), session, identity, tenant, view: mount.compiled.view.name }
    liveViews.retained.keep(nonceOf(token), mount, owner, retainedSize(mount, html))
  }
  return html
}

/** Prefetches and fetches by scripts get the page, but nothing is kept for a socket that may never come. */
function isDocument ({ headers }: FastifyRequest): boolean {
  const purpose = String(headers['sec-purpose'] ?? headers.purpose ?? '')
  const destination = headers['sec-fetch-dest']
  return !purpose.includes('prefetch') && (destination === undefined || destination === 'document')
}

function nonceOf (token: string): string {
  return token.split('.')[2] as string
}
