import type { RenderedBinding } from '../render/resolve-binding.ts'
import type { EventMessage } from '../security/envelope.ts'
import type { HandlerScope } from '../view/handler-scope.ts'
import type { LiveConnection } from '../view/live-connection.ts'
import type { DeclaredEvent } from '../view/view.ts'
import type { Step } from './run-chain.ts'
import { authorizeEvent } from './authorize-event.ts'
import { checkBinding } from './check-binding.ts'
import { checkDeclared } from './check-declared.ts'
import { checkEventName } from './check-event-name.ts'
import { checkPayload } from './check-payload.ts'
import { checkSent } from './check-sent.ts'
import { checkSession } from './check-session.ts'
import { publishChange } from './publish-change.ts'
import { runHandler } from './run-handler.ts'
import { takeHandlerToken } from './take-handler-token.ts'

/** An event at its turn. Steps fill in what they have found. */
export interface Turn {
  readonly connection: LiveConnection
  readonly message: EventMessage
  event: DeclaredEvent | null
  binding: RenderedBinding | null
  payload: unknown
  /** The running handler's context. */
  scope: HandlerScope | null
  /** True once the handler has thrown: what it changed before is shown all the same. */
  failed: boolean
}

/** What every event passes at its turn, in this order. Nothing before `runHandler` changes anything. */
export const TURN: ReadonlyArray<Step<Turn>> = Object.freeze([
  checkSession, checkEventName, checkDeclared, checkBinding, checkSent, takeHandlerToken, checkPayload, authorizeEvent,
  runHandler, publishChange,
])
