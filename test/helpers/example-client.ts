import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import { demoUsers } from '../../example/seed.ts'
import { Visitor } from './live-client.ts'
import type { LiveSocket } from './live-client.ts'
import type { PageControl } from './page-controls.ts'

/** Starts the example on a free port and answers its address. */
export async function listen (app: FastifyInstance): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

export async function postForm (visitor: Visitor, path: string, fields: Record<string, string>): Promise<Response> {
  return await visitor.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString()
  })
}

export function csrfOf (html: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
}

/** A visitor signed in through the form, as a person does. */
export async function signedIn (url: string, role: 'clerk' | 'viewer' = 'clerk', tenant: 'north' | 'south' = 'north'): Promise<Visitor> {
  const visitor = new Visitor(url)
  const { email, password } = demoUsers.find((user) => user.role === role && user.tenant === tenant) ?? demoUsers[0]
  const { html } = await visitor.page('/sign-in')
  const response = await postForm(visitor, '/sign-in', { _csrf: csrfOf(html), email, password })
  if (response.status !== 303) throw new Error(`signing in answered ${response.status}`)
  return visitor
}

/** Uses a control: its event with the values that it shows. */
export async function use (live: LiveSocket, control: PageControl, data?: object): Promise<any> {
  return await live.event(control.event, control.kind, control.path, control.element, control.seen, data)
}
