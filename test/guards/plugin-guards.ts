/* eslint-disable no-template-curly-in-string -- source text, as it stands in the files */
import type { Guarded } from './guarded.ts'

const UNTIMED = '((work: any, ...rest: unknown[]) => work)('

/** By file; tests in the order in which they are likely to notice. */
export const PLUGIN_GUARDS: Readonly<Record<string, Guarded>> = {
  'plugin/guard-upgrade.ts': {
    tests: 'plugin-access attack-limits plugin-pages attack-handshake attack-refusals attack-session-store attack-session-life plugin-options plugin-chain',
    guards: [
      ['origin', 'liveViews.checkOrigin(request) ??', ''],
      ['fetch metadata', '?? checkFetchMetadata(request.headers)', ''],
      ['upgrades elsewhere', 'throw new LIVE_ERR_UPGRADE()', 'void 0'],
      ['no handshake', 'throw fault.error', 'void 0'],
      ['the version that would do', 'reply.headers(fault.headers)', ''],
      ['the connection has a place', "'reason' in place", 'false'],
      ["the session's own wait", 'isStranger, limits: rateLimit', 'isStranger: false, limits: rateLimit'],
      ['people with sessions are no strangers', 'ipKey(request.ip), session,', 'ipKey(request.ip), session: null,'],
      ['without sessions nobody is a stranger', '&& hasSession(request)', ''],
      ["a route's own limits", 'limits: rateLimit', 'limits: liveViews.settings.limits.rateLimit'],
      ['one key for all addresses of a network', 'ipKey(request.ip)', 'String(request.ip)'],
      ['status of the process', 'place.status === 503', 'false'],
      ['retry-after', "reply.header('retry-after', String(place.retryAfter))", ''],
      ['places are given back', "socket.once('close', () => { place.release() })", 'void 0'],
      ['places of sockets that are gone', 'if (socket.destroyed) place.release()\n  else ', ''],
      ['a proxy that nobody told of', 'liveViews.noteForwarded(request)', ''],
      ['session stores are watched', 'if (store !== null) liveViews.stores.watch(store)', ''],
      ["others' sockets are theirs", "liveViews.websocket === 'ours' && ", ''],
      ['sockets that somebody asked for', ' && config.liveUpgrade !== true', ''],
      ['cookies are looked at in production', 'if (liveViews.settings.production) warnOfSession', 'if (false) warnOfSession'],
      ['upgrades elsewhere are told', "liveViews.refuseRequest(request, 'LIVE_ERR_UPGRADE', 'invalid', 'the route is not live')", ''],
      ['no handshake is told', "liveViews.refuseRequest(request, fault.error.code, 'invalid', fault.detail)", ''],

      ['origins are told', "liveViews.refuseRequest(request, 'LIVE_ERR_ORIGIN', 'denied', `${refused}, origin ${request.headers.origin}`)", ''],
      ['limits are told', "liveViews.refuseRequest(request, error.code, 'limit', place.reason)", ''],
    ]
  },
  'plugin/accept-socket.ts': {
    tests: 'plugin-chain plugin-access attack-limits attack-sessions attack-frames attack-pressure attack-more',
    guards: [
      ['subprotocol', 'socket.protocol !== SUBPROTOCOL', 'false'],
      ['what comes after the wrong protocol', 'request.raw.socket.on(', 'void (request.raw.socket.on).bind('],
      ['the wrong protocol is counted', "liveViews.refuseRequest(request, 'LIVE_ERR_SUBPROTOCOL', 'invalid', `not ${SUBPROTOCOL}`)", ''],
      ['cooldown', 'if (limit !== null)', 'if (false)'],
      ['cooldown only of offenders', 'if (limit !== null)', 'if (true)'],
      ['forgotten when closed', 'liveViews.connections.remove(closed)', ''],
      ['pings', 'liveness.control(data.length)\n    metered(data)', 'liveness.control(data.length)'],
      ['pongs', 'if (!connection.liveness.pong(data.length)) metered(data)', 'connection.liveness.pong(data.length)'],
      ['pongs that were asked for are free', 'if (!connection.liveness.pong(data.length)) metered(data)', 'connection.liveness.pong(data.length)\n    metered(data)'],
      ['bytes of messages without end', 'connection.liveness.bytes(chunk.length)', ''],
      ['bytes before their message', 'prependListener', 'on'],
      ['frames that no client sends', 'if (isFrameError(err))', 'if (false)'],
      ['what comes after the close', 'if (late > LATE)', 'if (false)'],
      ['what was on its way before it', "if (connection.phase === 'closed') count(", 'count('],
      ['ended with the socket', "socket.on('close', (code) => { connection.ended(code) })", ''],
    ]
  },
  'plugin/connections.ts': {
    tests: 'attack-session-life plugin-access attack-sessions plugin-pages',
    guards: [
      ['only the open are owned', 'if (known === undefined) return', 'if (known === undefined) return this.add(connection)'],
      ['those that are still joining', 'missed.push(wanted)', ''],
      ['those that are joining and do not fit', "missed.some((wanted) => fits(wanted, owner) === 'yes')", 'missed.length > 0'],
      ['once known, at once', "if (missed.some((wanted) => fits(wanted, owner) === 'yes')) end(connection)", ''],
      ['a restart is told', "connection.close(CLOSE_RESTART, 'restart')", 'void 0'],
    ]
  },
  'plugin/join-view.ts': {
    tests: 'plugin-access attack-limits attack-sessions plugin-pages plugin-chain attack-session-life attack-session-store attack-refusals tenants attack-more-access plugin-notes',
    guards: [
      ['hashes of who joins', 'id === null ? null : hashForLog(id)', 'id'],
      ['places of session and identity', 'if (full !== null) return full', ''],
      ['owned before anything is awaited', 'liveViews.connections.own(connection, { session, view: view.name })', ''],
      ['a dead store at the join', "read === 'store-down'", 'false'],
      ['a dead store at a look: the session as it was', "found === 'store-down' ? joinedSession.last() : found", 'found as ReadOnlySession'],
      ['a dead store at a look: only for a while', "found === 'store-down' ? found : null", 'null'],
      ['a written session is looked at', 'liveViews.sweep.lookAt(other)', 'void other'],
      ['a written session in every tab', 'liveViews.connections.ofSession(session)) liveViews', '[connection]) liveViews'],
      ['a session that is gone', 'session !== null && values === null', 'false'],
      ['access at the join', 'await checkAccess(', 'if (mount !== null) await checkAccess('],
      ['access at the recheck', 'await checkAccess(', 'if (mount === null) await checkAccess('],
      ['access sees the query of now', 'mount?.query ?? query', 'query'],
      ['owner known after the join', 'identity: visitor.identityKey, tenant: visitor.tenantKey, view: view.name })\n    try', 'view: view.name })\n    try'],
      ['token', 'liveViews.tokens.verify(route, request, { session, visitor }, message.token)',
        "{ ok: true, nonce: message.token.split('.')[2]!, digest: message.token.split('.')[3] ?? '0-0', issuedAt: Date.now() } as any"],
      ['claim by identity', ' || mount.hold(identity, tenant)) return null', ') return null'],
      ['claim by query', 'isDeepStrictEqual(mount.query, query) ? mount : null', 'mount'],
      ['markers', '!== message.digest', '!== message.digest && false'],
      ['touched pages', 'message.pristine && !stripped', '!stripped'],
      ['the tree is still the same', 'treeDigest(mounted.tree) === verdict.digest.slice(0, dash)', 'true'],
      ['another identity', 'now.identityKey !== owner.identity ||', ''],
      ['another tenant', '|| now.tenantKey !== owner.tenant', ''],
      ['the identity of now', 'mounted.hold(now.identity, now.tenant)', '!isDeepStrictEqual(mounted.identity, now.identity)'],
      ['a failing store', "return fatal(LIVE_ERR_SESSION_ENDED, CLOSE_RELOAD, 'the session could not be checked')", 'return null'],
      ['another role loads anew', 'for (const name of Object.keys(view.loaders)) connection.reloads.add(name)', ''],
      ['tokens are renewed while it lives', 'connection.effects.token(renewed)', ''],
      ['a flood of lines', "stripped ? connection.route.refusals.admit('LIVE_ERR_MARKERS') : null", 'stripped ? 0 : null'],
      ['nobody is signed in', 'if (error instanceof LIVE_ERR_SIGN_IN) return', 'if (false) return'],
      ['access denied', 'if (error instanceof LIVE_ERR_DENIED) return', 'if (false) return'],
      ['joins that are gone', 'signal: connection.signal', 'signal: new AbortController().signal'],
    ]
  },
  'plugin/live-route.ts': {
    tests: 'plugin-options attack-events plugin-pages',
    guards: [
      ["a route's own limits", 'mergeLimits(base, live, where)', 'mergeLimits(base, {}, where)'],
      ['unknown options', 'if (!OPTIONS.includes(key)) throw', 'if (false) throw'],
    ]
  },
  'plugin/live-views.ts': {
    tests: 'attack-sessions plugin-access plugin-pages plugin-chain exact-loading plugin-options plugin-notes attack-session-life attack-session-store attack-pressure',
    guards: [
      ['mounts of an ended session', "this.retained.dropOwned((owner) => fits(wanted, owner) === 'yes')", ''],
      ['what is kept for sockets expires', 'this.retained.expire()', ''],
      ['connections are looked at', 'connection.beat()', ''],
      ['idle pages are looked at', 'this.sweep.beat(this.connections.all())', ''],
      ['ended sessions end connections', '{ this.disconnect({ session }) }', '{}'],
      ['handler budgets', 'handlerBuckets: this.#budgets(view)', 'handlerBuckets: new Map()'],
      ['over-delivery is told in development only', 'settings.production ? null : noteOverDelivery(app.log)', 'noteOverDelivery(app.log)'],
      ['over-delivery is told', 'settings.production ? null : noteOverDelivery(app.log)', 'null'],
      ['reloads are verified', 'verifyReloads: settings.verifyReloads', 'verifyReloads: false'],
      ['reloads are verified only where it is asked', 'verifyReloads: settings.verifyReloads', 'verifyReloads: true'],
    ]
  },
  'plugin/route-tokens.ts': {
    tests: 'attack-sessions plugin-access plugin-pages plugin-chain exact-loading plugin-options plugin-notes attack-session-life attack-session-store attack-pressure',
    guards: [
      ['token: session', '    session,\n', '    session: null,\n'],
      ['token: identity', 'identity: visitor.identityKey', 'identity: null'],
      ['token: tenant', 'tenant: visitor.tenantKey', 'tenant: null'],
      ['token: view', 'view: compiled.view.name', "view: ''"],
      ['token: route', 'route: route.url', "route: ''"],
      ['token: params', 'params: request.params as Record<string, unknown>', 'params: {}'],
      ['token: build', 'shape: compiled.build', "shape: ''"],
      ['tokens are renewed', 'Date.now() - issuedAt > LIFETIME * 500', 'false'],
      ['tokens age', 'lifetime: LIFETIME', 'lifetime: 86400'],
    ]
  },
  'plugin/compiled-views.ts': {
    tests: 'attack-sessions plugin-access plugin-pages plugin-chain exact-loading plugin-options plugin-notes attack-session-life attack-session-store attack-pressure',
    guards: [
      ['names at mounts in development only', 'if (!this.#settings.production) this.#names', 'this.#names'],
      ['names of the state at boot', 'state: stateKeysOf(view)', 'state: null'],
      ['names of globals at boot', 'requestGlobals: globalNames', 'requestGlobals: null'],
    ]
  },
  'plugin/watched-stores.ts': {
    tests: 'attack-sessions plugin-access plugin-pages plugin-chain exact-loading plugin-options plugin-notes attack-session-life attack-session-store attack-pressure',
    guards: [
      ['stores are let go', 'for (const unwatch of this.#unwatch.values()) unwatch()', ''],
    ]
  },
  'lib/view/handler-budgets.ts': {
    tests: 'attack-sessions plugin-access plugin-pages plugin-chain exact-loading plugin-options plugin-notes attack-session-life attack-session-store attack-pressure',
    guards: [
      ['one budget on all routes', 'known.get(view) ?? budgetsOf(view, now)', 'budgetsOf(view, now)'],
    ]
  },
  'plugin/options.ts': {
    tests: 'plugin-options plugin-access exact-loading attack-sessions attack-pressure attack-more-access',
    guards: [
      ['ids that are many people\'s', '!Number.isSafeInteger(id)', "typeof id !== 'number'"],
      ['unknown options', 'if (!NAMES.includes(name)) wrong', 'if (false) wrong'],
      ['functions', "typeof options[name] !== 'function'", 'false'],
      ['origins in production', 'options.origins === undefined && production', 'false'],
      ['eventSecurity', "!['strict', 'warn', 'open'].includes(eventSecurity)", 'false'],
      ['signInUrl', '!isPath(options.signInUrl)', 'false'],
      ['paths stay here', '/^\\/(?![/\\\\])[^\\s\\\\]*$/', '/^\\//'],
      ['secrets', "checkSecrets(secrets, 'secret')", 'void 0'],
      ['globals that never come', "withDeadline((async () => globals(context))(), 'globals', DEADLINES.mount, () => {})", 'globals(context)'],
      ['identities have a key', "!(typeof id === 'string' && id !== '') && !Number.isSafeInteger(id)", 'false'],
      ['permissions', 'Array.isArray(permissions) && permissions.includes(permission)', 'true'],
      ['templates', 'options.templates === undefined', 'false'],
      ['clientPath', '!isPath(options.clientPath)', 'false'],
      ['views', '!Array.isArray(options.views)', 'false'],
      ['globalNames', "globalNames !== undefined && !(Array.isArray(globalNames) && globalNames.every((name) => typeof name === 'string'))", 'false'],
      ['globalNames are texts', " && globalNames.every((name) => typeof name === 'string')", ''],
      ['verifyReloads', "verifyReloads !== undefined && typeof verifyReloads !== 'boolean'", 'false'],
      ['reloads are verified in development only', "verifyReloads ?? process.env.NODE_ENV === 'development'", 'verifyReloads ?? true'],
      ['names of globals that nobody told', 'options.globals === undefined ? [] : null', '[]'],
    ]
  },
  'plugin/mount-visitor.ts': {
    tests: 'tenants attack-pressure',
    guards: [
      ['globals know their tenant', 'inTenant(tenant, () => settings.globals({ request, reply }))', 'settings.globals({ request, reply })'],
      ['size of the state', 'maxStateSize, overDelivered', 'maxStateSize: Infinity, overDelivered'],
    ]
  },
  'plugin/page.ts': {
    tests: 'plugin-pages exact-loading deferred-loading plugin-access attack-sessions plugin-notes tenants attack-refusals attack-pressure leaks',
    guards: [
      ['pages over the limit are told', "liveViews.refuseRequest(request, 'LIVE_ERR_TOO_MANY', 'limit', 'pages of one address')", ''],
      ['denied pages are told', "if (err instanceof LIVE_ERR_DENIED) liveViews.refuseRequest(request, 'LIVE_ERR_DENIED', 'denied', 'access to the page')", ''],
      ['pages of one address', '!liveViews.pageBuckets.take(ipKey(request.ip))', 'false'],
      ['access', 'await checkAccess(', 'if (false) await checkAccess('],
      ['HEAD', "request.method === 'HEAD'", 'false'],
      ['production errors', 'settings.production ?', 'false ?'],
      ['prefetch', "!purpose.includes('prefetch') &&", ''],
      ['fetches by scripts', "(destination === undefined || destination === 'document')", 'true'],
      ["the loader's status only", 'if (err instanceof LIVE_ERR_LOADER) failure.statusCode = err.statusCode as number',
        'failure.statusCode = (err as any).statusCode ?? 500'],
      ["the loader's status", 'if (err instanceof LIVE_ERR_LOADER) failure', 'if (false) failure'],
      ['what is denied is no failure', 'if (err instanceof LIVE_ERR_SIGN_IN || err instanceof LIVE_ERR_DENIED) throw err', ''],
      ['one failure, one id', 'reported.get(err) ?? createErrorId()', 'createErrorId()'],
      ['one failure, one log', 'if (!reported.has(err)) logError', 'logError'],
      ['the cause is not copied along', '{ cause: { value: err }, errorId', '{ cause: { value: err, enumerable: true }, errorId'],
      ['names of the first mount', 'liveViews.compiled.checkNames(mount)', ''],
      ['deferred loaders do not run', "deferred: 'later'", "deferred: 'now'"],
      ['a failure fails the page', "failure: 'throws'", "failure: 'shows'"],
      ['visitors that are gone', 'signal: request.signal', 'signal: new AbortController().signal'],
      ['nonce', ".replace(/[^\\w+/=-]/g, '')", ''],
    ]
  },
  'plugin/visitor.ts': {
    tests: 'plugin-access attack-sessions plugin-options tenants attack-more-access',
    guards: [
      ['identities are objects', "identity !== null && typeof identity !== 'object'", 'false'],
      ['keys are texts', "(typeof key === 'string' && key !== '') || Number.isSafeInteger(key)", 'true'],
      ['access: only true', '=== true) return', ') return'],
      ['permission: only true', ' !== true) throw', ' === false) throw'],
      ['access knows its tenant', "inTenant(tenant, () => inTime('access', ask))", "inTime('access', ask)"],
      ['permissions know their tenant', "inTenant(tenant, () => inTime('hasPermission', has))", "inTime('hasPermission', has)"],
      ['identify is nobody\'s work', 'inTenant(null, () => identify(settings, request, session))', 'identify(settings, request, session)'],
      ['somebody signed in', 'if (identity === null) throw new LIVE_ERR_SIGN_IN()', ''],
      ['deadline', 'withDeadline(', UNTIMED],
    ]
  },
  'plugin/route-values.ts': {
    tests: 'plugin-pages plugin-data attack-sessions plugin-options',
    guards: [['one text a name', '[value].flat().at(-1)', 'value']]
  },
  'plugin/session-access.ts': {
    tests: 'view-engine attack-sessions plugin-access attack-session-life attack-session-store attack-more-access',
    guards: [
      ["the client's own cookie", 'return own ? id : null', 'return id'],
      ['values without symbols', "Object.fromEntries(Object.entries(session).filter(([name]) => name !== 'cookie'))", '{ ...session }'],
      ['frozen values', 'Object.freeze(values) as ReadOnlySession', 'values as ReadOnlySession'],
      ['deadline of the store', 'withDeadline(', UNTIMED],
      ['update: a session that is gone', 'if (data === null) return', ''],
      ["update: the store's own object", 'structuredClone(data)', 'data'],
      ['update: ended before the write', 'still === null || ', ''],
      ['update: ended before the write, by a slow store', ' || ended) return', ') return'],
      ['update: ended during the write', 'if (ended) await', 'if (false) await'],
      ['update: watching ends', '  unwatch()\n', ''],
      ['destroy by callback', '(error) => { tell(id); callback(error) }', '(error) => { callback(error) }'],
      ['destroy by promise', '.then(() => { tell(id) }, ', '.then(() => {}, '],
      ['destroy that rejects', ', () => { tell(id) })', ', () => {})'],
      ['destroy that throws', 'tell(id)\n      throw error', 'throw error'],
      ['destroy that hangs', '    tell(id)\n    try', '    try'],
      ['a store that fails', 'throw new LIVE_ERR_SESSION_STORE(', 'throw new Error('],
    ]
  },
  'plugin/trust-proxy.ts': {
    tests: 'attack-limits',
    guards: [
      ['ends the boot', 'if (production) throw', 'if (false) throw'],
      ['in production only', 'if (production) throw', 'if (true) throw'],
      ['anybody', 'value === true ||', ''],
      ['hops', "|| (typeof value === 'number' && value > 0)", ''],
      ['no hops', ' && value > 0', ''],
      ['scopes', 'owner = Object.getPrototypeOf(owner) as object | null', 'owner = null'],
      ['told once', '    told = true\n', ''],
      ['not where there is a proxy', ' || ips !== undefined', ''],
    ]
  },
  'plugin/websocket.ts': {
    tests: 'plugin-options plugin-pages attack-events attack-frames attack-more',
    guards: [
      ['theirs: maxPayload', '!(Number(options.maxPayload) > 0 && Number(options.maxPayload) <= LARGEST)', 'false'],
      ['theirs: deflate', 'if (options.perMessageDeflate)', 'if (false)'],
      ['theirs: UTF-8', 'if (options.skipUTF8Validation)', 'if (false)'],
      ['ours: fragments and closing', '...SOCKET_LIMITS,', ''],
      ['ours: fragments', 'maxFragments: 64, ', ''],
      ['ours: bad frames close', 'isFrameError(error)) return', 'false) return'],
      ['ours: maxPayload', '    maxPayload,\n', ''],
    ]
  },
  'plugin/index.ts': {
    tests: 'plugin-options attack-events plugin-pages plugin-chain plugin-access attack-handshake attack-more leaks',
    guards: [
      ["the route's size for its socket", ', { maxPayload: liveRoute.limits.maxMessageSize }', ''],
      ['our limits, whoever registered the server', 'Object.assign(options, SOCKET_LIMITS, ', 'Object.assign(options, '],
      ['other sockets keep theirs', 'Object.assign(options, before)', ''],
      ["the route's own hooks first", 'route.preHandler = [...hooks, function', 'route.preHandler = [function'],
      ['restarts are told', 'liveViews?.close()', ''],
      ['hooks of upgrades have an end', 'route.handlerTimeout ??= HANDLER_TIMEOUT', 'void 0'],
      ["the route's own time", 'route.handlerTimeout ??=', 'route.handlerTimeout ='],
      ["the server's own time", '(this.initialConfig as { handlerTimeout?: number }).handlerTimeout === 0', 'true'],
      ['servers left open are told', 'if (settings.production) warnOpenServer', 'if (false) warnOpenServer'],
      ['told in production', 'if (settings.production) warnOpenServer', 'warnOpenServer'],
      ['errors of live routes', 'if (settings.production) route.errorHandler ??= answerError', 'if (false) route.errorHandler ??= answerError'],
      ['only in production', 'if (settings.production) route.errorHandler', 'route.errorHandler'],
      ["a route's own error handler", 'route.errorHandler ??= answerError', 'route.errorHandler = answerError'],
      ["errors of the script's route", 'settings.production ? { errorHandler: answerError as never } : {}', '{}'],
    ]
  },
  'plugin/listening-origins.ts': {
    tests: 'plugin-access plugin-options plugin-pages',
    guards: [['the port too', '://${name}:${port}`', '://${name}`']]
  },
  'plugin/error-answers.ts': {
    tests: 'leaks',
    guards: [
      ["the application's own handler decides", 'if (isApplications(errorHandler)) return Promise.reject(error)', ''],
      ['the default is not taken for one', "errorHandler.name.startsWith('bound ')", 'true'],
      ['a hook onSend that fails again', 'send.call(reply, body', 'reply.send = send\n  send.call(reply, body'],
      ['an answer that was begun', 'if (reply.raw.headersSent) {', 'if (false) {'],
      ['what is sent too late', 'if (reply.sent) return reply', ''],
      ['an error that cannot be asked for its status', 'return [statusCode, status, reply.statusCode].find(isFailure) ?? 500\n  } catch {\n    return 500', 'return [statusCode, status, reply.statusCode].find(isFailure) ?? 500\n  } finally {'],
      ['only a status of a failure', '.find(isFailure)', '.find((status) => status !== undefined)'],
      ['only a number', 'Number.isInteger(status) && ', ''],
      ['the status of the hook', '[statusCode, status, reply.statusCode]', '[statusCode, status]'],
      ["an error's own status", '[statusCode, status, reply.statusCode]', '[reply.statusCode]'],
      ['words by the status', 'const text = texts.get(statusCode) ?? ', 'const text = '],
      ['logged', "if (logged === null) logError(request.log, { err: error, errorId }, 'live request failed', status < 500 ? 'info' : 'error')", ''],
      ['one line for a page', 'if (logged === null) logError', 'logError'],
      ["the page's id", 'logged ?? createErrorId()', 'createErrorId()'],
      ['a page for people', "headers.accept?.includes('text/html') !== true", 'true'],
    ]
  },
  'plugin/client-script.ts': {
    tests: 'plugin-pages plugin-options page-headers',
    guards: [
      ['cached for good only under its hash', 'current ?', 'true ?'],
      ['nosniff', "'nosniff'", "''"],
      ['same-origin', "'cross-origin-resource-policy', 'same-origin'", "'x-none', ''"],
      ['no cookie beside it', "delete headers['set-cookie']", ''],
    ]
  }
}
