import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { createPageTokens } from '../lib/security/page-token.ts'
import type { PageTokens, TokenBinding, TokenVerdict } from '../lib/security/page-token.ts'
import type { RouteSettings } from '../lib/view/connection-settings.ts'
import type { LiveRoute } from './live-route.ts'
import type { Visitor } from './visitor.ts'

/** Seconds. */
const LIFETIME = 3600

/** Whom a page is made for. */
export interface Holder {
  readonly session: string | null
  readonly visitor: Visitor
}

/** The tokens of live pages: each is good for one holder, on one route with its params, as its view was compiled. */
export class RouteTokens {
  readonly #tokens: PageTokens

  constructor (secrets: readonly string[] | null) {
    this.#tokens = createPageTokens({ secrets: secrets ?? [randomBytes(32)], lifetime: LIFETIME })
  }

  issue (route: LiveRoute, request: FastifyRequest, holder: Holder, digest: string): string {
    return this.#tokens.issue(bindingOf(route, request, holder), digest)
  }

  verify (route: LiveRoute, request: FastifyRequest, holder: Holder, token: string): TokenVerdict {
    return this.#tokens.verify(token, bindingOf(route, request, holder))
  }

  /** A token past half its life is renewed over the socket. */
  isAging (issuedAt: number): boolean {
    return Date.now() - issuedAt > LIFETIME * 500
  }
}

function bindingOf (route: LiveRoute, request: FastifyRequest, { session, visitor }: Holder): TokenBinding {
  // Whoever asks for a token has been routed: the application is ready.
  const { compiled } = route.settings as RouteSettings
  return {
    session,
    identity: visitor.identityKey,
    tenant: visitor.tenantKey,
    view: compiled.view.name,
    route: route.url,
    params: request.params as Record<string, unknown>,
    shape: compiled.build,
  }
}
