import type { LiveConnection } from './live-connection.ts'
import type { Joined } from './connection-settings.ts'
import type { AnyHandlerContext } from './view.ts'

/** The verbs of a handler's context, made once a connection and shared by all its scopes. */
export class HandlerActions {
  readonly reload: (name: string) => void
  readonly patchUrl: AnyHandlerContext['patchUrl']
  readonly navigate: (path: string) => void
  readonly flash: (kind: string, text: string) => void
  readonly pushEvent: (name: string, data: unknown) => void
  readonly updateSession: AnyHandlerContext['updateSession']

  constructor (connection: LiveConnection) {
    const { effects, reloads } = connection
    this.reload = (name) => {
      if (!Object.hasOwn(connection.route.compiled.view.loaders, name)) {
        throw new TypeError(`reload('${String(name)}'): the view has no such loader`)
      }
      reloads.add(name)
    }
    this.patchUrl = (query) => {
      const entries = Object.entries(query).filter(([, value]) => value !== null && value !== undefined)
      const values = entries.map(([key, value]): [string, string] => [key, String(value)])
      const { mount } = connection.joined as Joined
      mount.query = Object.freeze(Object.fromEntries(values))
      mount.queryChanged = true
      const text = new URLSearchParams(values).toString()
      effects.query(text === '' ? '' : `?${text}`)
    }
    this.navigate = (path) => { effects.navigate(path) }
    this.flash = (kind, text) => {
      const { mount } = connection.joined as Joined
      const flash = { kind: String(kind), text: String(text) }
      mount.flashes = [...mount.flashes, flash]
      if (!mount.compiled.fields.reads('flash')) effects.flash(flash)
    }
    this.pushEvent = (name, data) => { effects.event(name, data) }
    this.updateSession = (change) => (connection.joined as Joined).updateSession(change)
  }
}
