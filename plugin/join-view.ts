import { isDeepStrictEqual } from 'node:util'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { fatal } from '../lib/chain/refusal.ts'
import type { Refusal } from '../lib/chain/refusal.ts'
import type { ConnectionPlace } from '../lib/limits/connection-place.ts'
import { handlerKey } from '../lib/limits/handler-key.ts'
import { encodeTree } from '../lib/render/encode-tree.ts'
import { treeDigest } from '../lib/render/tree-digest.ts'
import type { JoinMessage } from '../lib/security/envelope.ts'
import { hashForLog } from '../lib/security/hash-for-log.ts'
import { CLOSE_DENIED, CLOSE_LATER, CLOSE_RELOAD, CLOSE_SESSION_ENDED } from '../lib/view/close-codes.ts'
import type { Joined } from '../lib/view/connection-settings.ts'
import { LIVE_ERR_DENIED, LIVE_ERR_SIGN_IN } from '../lib/view/errors.ts'
import type { LiveConnection } from '../lib/view/live-connection.ts'
import type { Mount } from '../lib/view/mount.ts'
import type { RouteValues } from '../lib/view/view.ts'
import type { ConnectionOwner } from './connection-filter.ts'
import { JoinedSession } from './joined-session.ts'
import type { LiveRoute } from './live-route.ts'
import type { LiveViews } from './live-views.ts'
import type { ReadOnlySession } from './options.ts'
import { mountVisitor } from './mount-visitor.ts'
import { pageDigest } from './page-digest.ts'
import { valuesOf } from './route-values.ts'
import { checkAccess, identifyVisitor } from './visitor.ts'
import type { Visitor } from './visitor.ts'

const LIVE_ERR_SESSION_ENDED = 'LIVE_ERR_SESSION_ENDED'

/**
 * The second sequence: who is there, may they, does the token fit, then claim what the GET mounted or mount again.
 * Identity and access come from the session as the store has it now, never from what the upgrade or the page once knew.
 */
export async function joinView (
  liveViews: LiveViews, route: LiveRoute, request: FastifyRequest, message: JoinMessage, connection: LiveConnection
): Promise<Joined | Refusal> {
  const { settings } = liveViews
  const { compiled } = connection.route
  const { view } = compiled
  const { params, query } = valuesOf(request)
  const joinedSession = new JoinedSession(request, connection)
  const { id: session } = joinedSession
  // Before anything is awaited: a sign-out that comes while this goes on ends this connection too.
  liveViews.connections.own(connection, { session, view: view.name })
  let mount: Mount | null = null
  const recognise = async (values: ReadOnlySession): Promise<Visitor | Refusal> => {
    if (session !== null && values === null) return fatal(LIVE_ERR_SESSION_ENDED, CLOSE_SESSION_ENDED, 'the session is gone')
    const visitor = await identifyVisitor(settings, request, values)
    liveViews.connections.own(connection, { session, identity: visitor.identityKey, tenant: visitor.tenantKey, view: view.name })
    try {
      await checkAccess(settings, view, visitor, { params, query: mount?.query ?? query })
    } catch (error) {
      if (error instanceof LIVE_ERR_SIGN_IN) return fatal(LIVE_ERR_SESSION_ENDED, CLOSE_SESSION_ENDED, 'nobody is signed in')
      if (error instanceof LIVE_ERR_DENIED) return fatal('LIVE_ERR_DENIED', CLOSE_DENIED, 'access denied')
      throw error
    }
    return visitor
  }

  const read = await joinedSession.read().catch(storeDown)
  // A join has nothing to go on by: it fails closed, and browsers come back later.
  if (read === 'store-down') return fatal('LIVE_ERR_SESSION_STORE', CLOSE_LATER, 'the session store does not answer')
  const visitor = await recognise(read)
  if ('weight' in visitor) return visitor
  const owner = { session, identity: visitor.identityKey, tenant: visitor.tenantKey, view: view.name }
  const full = (liveViews.places.get(request) as ConnectionPlace).settle(owner)
  if (full !== null) return full
  const verdict = liveViews.tokens.verify(route, request, { session, visitor }, message.token)
  if (!verdict.ok) return fatal('LIVE_ERR_TOKEN', CLOSE_RELOAD, `page token: ${verdict.reason}`)

  const claimed = claim(liveViews, verdict.nonce, visitor, query)
  const mounted = claimed ?? await mountAgain(liveViews, route, request, visitor, connection, message)
  mount = mounted
  // The tree's digest is base64url, which has dashes of its own; the markers' has none.
  const dash = verdict.digest.lastIndexOf('-')
  // eslint-disable-next-line live-security/no-secret-comparison -- the client reckoned it from its page: nothing is kept from it
  const stripped = message.pristine && parseInt(verdict.digest.slice(dash + 1), 36) !== message.digest
  // Clients say so themselves: whoever joins again and again must not fill the log.
  const suppressed = stripped ? connection.route.refusals.admit('LIVE_ERR_MARKERS') : null
  if (suppressed !== null) connection.log.warn({ code: 'LIVE_ERR_MARKERS', suppressed }, 'the page lost its markers: does something minify HTML?')
  const info: { t?: string, b?: 1 } = {}
  if (stripped) info.b = 1
  let { issuedAt } = verdict
  const renew = (holder: Visitor): string | null => {
    if (!liveViews.tokens.isAging(issuedAt)) return null
    issuedAt = Date.now()
    return liveViews.tokens.issue(route, request, { session, visitor: holder }, pageDigest(mounted))
  }
  const fresh = renew(visitor)
  if (fresh !== null) info.t = fresh
  const untouched = message.pristine && !stripped
  const current = untouched && (claimed !== null || treeDigest(mounted.tree) === verdict.digest.slice(0, dash))
  noteJoined(connection, owner)
  return {
    mount: mounted,
    reply: current ? joinReply(0, 0, info) : takeover(mounted, connection, info),
    handlerKey: (event) => handlerKey({ ...owner, event, ip: request.ip }),
    recheck: async () => {
      try {
        const found = await joinedSession.read().catch(storeDown)
        const now = await recognise(found === 'store-down' ? joinedSession.last() : found)
        if ('weight' in now) return now
        if (now.identityKey !== owner.identity || now.tenantKey !== owner.tenant) {
          return fatal(LIVE_ERR_SESSION_ENDED, CLOSE_SESSION_ENDED, 'another identity')
        }
        if (mounted.hold(now.identity, now.tenant)) {
          // Another role: what was loaded for the old one is not for the new one.
          for (const name of Object.keys(view.loaders)) connection.reloads.add(name)
        }
        const renewed = renew(now)
        if (renewed !== null) connection.effects.token(renewed)
        return found === 'store-down' ? found : null
      } catch (err) {
        connection.fail(err, 'live session check failed')
        return fatal(LIVE_ERR_SESSION_ENDED, CLOSE_RELOAD, 'the session could not be checked')
      }
    },
    updateSession: async (change) => {
      await joinedSession.update(change)
      // What identify goes by may be gone: once this event is answered, every page of the session is looked at.
      if (session !== null) for (const other of liveViews.connections.ofSession(session)) liveViews.sweep.lookAt(other)
    },
  }
}

/** Reading rejects with LIVE_ERR_SESSION_STORE, and nothing else. */
function storeDown (): 'store-down' {
  return 'store-down'
}

/** At the log's finest: an operator who follows one person's sockets knows what to look for, and reads no id. */
function noteJoined ({ log, address }: LiveConnection, { session, identity, tenant, view }: ConnectionOwner): void {
  const hashed = (id: string | null): string | null => id === null ? null : hashForLog(id)
  const who = { session: hashed(session), identity: hashed(identity), tenant: hashed(tenant) }
  log.debug({ view, address: hashForLog(address), ...who }, 'live joined')
}

/**
 * What the GET mounted, where it was mounted for the same: a role that was taken away since, or another query on the same
 * address, has another page.
 */
function claim (liveViews: LiveViews, nonce: string, { identity, tenant }: Visitor, query: RouteValues): Mount | null {
  const mount = liveViews.retained.claim(nonce)
  if (mount === null || mount.hold(identity, tenant)) return null
  return isDeepStrictEqual(mount.query, query) ? mount : null
}

async function mountAgain (
  liveViews: LiveViews, route: LiveRoute, request: FastifyRequest, visitor: Visitor, connection: LiveConnection,
  message: JoinMessage
): Promise<Mount> {
  const reply = liveViews.replies.get(request) as FastifyReply
  return mountVisitor(liveViews, route, request, reply, visitor, {
    // A page that has been live shows more than its fallbacks by now.
    deferred: message.pristine ? 'later' : 'now',
    failure: 'shows',
    signal: connection.signal,
    failed: (error) => connection.failed(error),
  })
}

function takeover (mount: Mount, connection: LiveConnection, info: object): string {
  const { tree, shapes } = encodeTree(mount.tree, connection.publisher.sent)
  // A connection that joins has been sent nothing yet: whatever tree it is, its shapes come along.
  return joinReply(tree, shapes, info)
}

function joinReply (tree: unknown, shapes: unknown, info: object): string {
  if (Object.keys(info).length > 0) return JSON.stringify(['j', tree, shapes, info])
  return JSON.stringify(shapes === 0 ? ['j', tree] : ['j', tree, shapes])
}
