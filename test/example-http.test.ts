import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { openDatabase } from '../example/database.ts'
import type { Db } from '../example/database.ts'
import { addressOf, readListing } from '../example/listing.ts'
import { changeQuantity, changeStatus } from '../example/order-changes.ts'
import { countOrders, findOrder, listHistory, listLines, listOrders, sumOrders } from '../example/order-queries.ts'
import { hashPassword, verifyPassword } from '../example/passwords.ts'
import { priceOrder } from '../example/pricing.ts'
import { createSchema } from '../example/schema.ts'
import { seed, tenant } from '../example/seed.ts'
import { buildApp } from '../example/server.ts'
import { sessionSecret } from '../example/session.ts'

type Attempts = { readonly address: number, readonly account: number }
const secret = 'a secret of forty characters for the tests'

async function start (t: Test, attempts: Attempts = { address: 100, account: 100 }): Promise<{ app: FastifyInstance, db: Db }> {
  const db = openDatabase(':memory:')
  const app = await buildApp({ db, secret, attempts, seed: { orders: 60, customers: 10 } })
  t.teardown(() => app.close())
  return { app, db }
}

type Response = LightMyRequestResponse
const cookieOf = (response: Response): string => response.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
const tokenOf = (response: Response): string => /name="_csrf" value="([^"]+)"/.exec(response.body)?.[1] ?? ''

async function openForm (app: FastifyInstance): Promise<{ cookie: string, _csrf: string }> {
  const response = await app.inject('/sign-in')
  return { cookie: cookieOf(response), _csrf: tokenOf(response) }
}

async function post (app: FastifyInstance, url: string, cookie: string, fields: Record<string, string>): Promise<Response> {
  return await app.inject({
    method: 'POST',
    url,
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString()
  })
}

async function signIn (app: FastifyInstance, email = 'clerk@example.com', password = 'orders-and-tea'): Promise<Response> {
  const { cookie, _csrf } = await openForm(app)
  return await post(app, '/sign-in', cookie, { _csrf, email, password })
}

t.test('signing in opens the orders, under a new session id with safe cookie flags', async (t) => {
  const { app, db } = await start(t)
  t.match(await app.inject('/orders'), { statusCode: 303, headers: { location: '/sign-in' } })
  const { cookie, _csrf } = await openForm(app)
  const response = await post(app, '/sign-in', cookie, { _csrf, email: ' Clerk@Example.com ', password: 'orders-and-tea' })
  t.match(response, { statusCode: 303, headers: { location: '/orders' } })
  t.not(cookieOf(response), cookie, 'regenerated')
  t.match(response.headers['set-cookie'], /HttpOnly; SameSite=Lax/)
  t.equal((await app.inject({ url: '/orders', headers: { cookie } })).statusCode, 303, 'the session of the form is worth nothing')
  const sessions = await db.selectFrom('sessions').selectAll().execute()
  t.equal(sessions.length, 1, 'and is gone from the store')

  const page = await app.inject({ url: '/orders', headers: { cookie: cookieOf(response) } })
  t.equal(page.statusCode, 200)
  t.match(page.body, 'Clara Winter')
  t.notMatch(page.body, /scrypt|Reviewed yearly/, 'what the template does not read is not in the page')
  const get = async (url: string): Promise<Response> => await app.inject({ url, headers: { cookie: cookieOf(response) } })
  t.equal((await get('/orders?q=a&q=b')).statusCode, 400)
  t.equal((await get('/orders?q=%00%ff&status=no&sort=%27&page=1e9&open=-1&__proto__=1')).statusCode, 200)

  const out = await post(app, '/sign-out', cookieOf(response), { _csrf: tokenOf(page) })
  t.equal(out.headers['clear-site-data'], '"cache", "storage"', 'I03 the browser keeps nothing of it')
  t.match(out, { statusCode: 303, headers: { location: '/sign-in' } })
  t.equal((await app.inject({ url: '/orders', headers: { cookie: cookieOf(response) } })).statusCode, 303)
  t.equal((await post(app, '/sign-out', cookieOf(response), {})).statusCode, 303, 'once more, from another tab: no error page')
})

t.test('the secret is made once, for its owner only', async (t) => {
  const file = join(t.testdir(), 'data', 'session-secret')
  const made = sessionSecret(file)
  t.match(made, /^[\w-]{43}$/)
  t.equal(sessionSecret(file), made)
  t.equal(statSync(file).mode & 0o777, 0o600)
})

t.test('a wrong password and an unknown user get the same answer', async (t) => {
  const { app } = await start(t)
  const wrong = await signIn(app, 'clerk@example.com', 'guess')
  const unknown = await signIn(app, 'nobody@example.com', 'guess')
  const text = (body: string): string => /role="alert"[^>]*>([^<]+)/.exec(body)?.[1] ?? 'none'
  t.equal(wrong.statusCode, 401)
  t.equal(unknown.statusCode, 401)
  t.equal(text(wrong.body), text(unknown.body))
  t.match(wrong.body, 'value="clerk@example.com"', 'the address need not be typed again')
  t.notMatch(wrong.body, 'guess')
  const { cookie, _csrf } = await openForm(app)
  t.equal((await post(app, '/sign-in', cookie, { _csrf })).statusCode, 400, 'fields missing')
  const long = { _csrf, email: 'x', password: 'y'.repeat(201) }
  t.equal((await post(app, '/sign-in', cookie, long)).statusCode, 400, 'absurdly long')
})

t.test('forms without their CSRF token, or with another session\'s, are refused', async (t) => {
  const { app } = await start(t)
  const mine = await openForm(app)
  const other = await openForm(app)
  const fields = { email: 'clerk@example.com', password: 'orders-and-tea' }
  t.equal((await post(app, '/sign-in', mine.cookie, fields)).statusCode, 403)
  t.equal((await post(app, '/sign-in', mine.cookie, { ...fields, _csrf: other._csrf })).statusCode, 403)
  t.equal((await post(app, '/sign-in', '', { ...fields, _csrf: mine._csrf })).statusCode, 403)
  const cookie = cookieOf(await signIn(app))
  t.equal((await post(app, '/sign-out', cookie, {})).statusCode, 403)
  t.equal((await app.inject({ url: '/orders', headers: { cookie } })).statusCode, 200, 'still signed in')
})

t.test('attempts are throttled by account, and by address', async (t) => {
  const { app } = await start(t, { address: 6, account: 2 })
  t.equal((await signIn(app, 'clerk@example.com', 'a')).statusCode, 401)
  t.equal((await signIn(app, 'CLERK@example.com ', 'b')).statusCode, 401)
  t.equal((await signIn(app)).statusCode, 429, 'even with the right password')
  t.equal((await signIn(app, 'viewer@example.com', 'only-looking')).statusCode, 303, 'another account is not concerned')
  t.equal((await signIn(app, 'x@example.com', 'c')).statusCode, 401)
  t.equal((await signIn(app, 'y@example.com', 'd')).statusCode, 401)
  const last = await signIn(app, 'z@example.com', 'e')
  t.equal(last.statusCode, 429)
  t.match(last.body, 'One moment, please')
  t.match(last.headers['retry-after'], /^\d+$/)
})

t.test('every answer carries the security headers, and error pages tell nothing', async (t) => {
  const { app } = await start(t)
  for (const url of ['/sign-in', '/style.css', '/icon.svg', '/nowhere', '/orders']) {
    const { headers } = await app.inject(url)
    t.match(headers['content-security-policy'], /^default-src 'none'; .*require-trusted-types-for 'script'/, url)
    t.match(headers, { 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' }, url)
  }
  const { body } = await app.inject('/nowhere/%3Cscript%3E')
  t.match(body, 'There is no such page')
  t.notMatch(body, '<script>')
  t.equal((await app.inject('/..%2fserver.ts')).statusCode, 404)
  const { headers: { etag } } = await app.inject('/style.css')
  t.equal((await app.inject({ url: '/style.css', headers: { 'if-none-match': String(etag) } })).statusCode, 304)
})

t.test('passwords are stored salted, and compared whole', async (t) => {
  const hash = await hashPassword('pässword')
  t.match(hash, /^\$scrypt\$ln=15,r=8,p=3\$/)
  t.not(hash, await hashPassword('pässword'))
  t.ok(await verifyPassword('pa\u0308ssword', hash), 'however the keyboard composes letters')
  t.notOk(await verifyPassword('password', hash))
  t.notOk(await verifyPassword('pässword', undefined))
  await t.rejects(verifyPassword('x', 'plain'), /not of the form/)
})

t.test('the price falls in tiers and by the customer\'s rebate', async (t) => {
  const price = (cents: number, rebate = 0): number => priceOrder([{ quantity: 1, price: cents }], rebate).total
  t.same([price(49_999), price(50_000), price(200_000), price(500_000)], [49_999, 49_000, 190_000, 460_000])
  t.same(priceOrder([{ quantity: 2, price: 50_000 }, { quantity: 1, price: 1 }], 5),
    { goods: 100_001, tier: 2, tierDiscount: 2000, rebate: 5, rebateDiscount: 4900, discount: 6900, total: 93_101 })
})

t.test('a listing survives its address, whatever a person makes of it', async (t) => {
  const usual = { q: '', status: '', sort: 'placed', descending: true, page: 1, cities: false, open: 0 }
  t.same(readListing({}), usual)
  const odd = { status: 'x', sort: 'password_hash', page: '-1', cities: 'yes', open: '1e9', q: 'a'.repeat(99) }
  t.same(readListing(odd), { ...usual, q: 'a'.repeat(80) })
  t.equal(addressOf(readListing({}), {}), '/orders')
  const listing = readListing({ q: 'a & b', status: 'open', sort: '-total', page: '2', cities: 'shown', open: '7' })
  t.equal(addressOf(listing, { open: 0 }), '/orders?q=a+%26+b&status=open&sort=-total&page=2&cities=shown')
})

t.test('orders are found, summed and changed within their tenant only', async (t) => {
  const db = openDatabase(':memory:')
  t.teardown(() => db.destroy())
  await createSchema(db)
  t.ok(await seed(db, { orders: 150, customers: 20 }))
  t.notOk(await seed(db), 'once')
  const listing = readListing({ sort: '-total' })
  const rows = await listOrders(db, tenant, listing, ['id', 'total'])
  t.equal(rows.length, 20)
  t.same(Object.keys(rows[0] ?? {}), ['id', 'total'])
  t.ok(rows.every((row, k) => k === 0 || (rows[k - 1]?.total ?? 0) >= (row.total ?? 0)))
  t.same(await listOrders(db, 'west', listing, ['id']), [])
  t.same(await listOrders(db, tenant, { ...listing, q: '100%' }, ['id']), [], 'a person\'s % is text')
  const all = await db.selectFrom('orders').select(['status', 'total']).where('tenant', '=', tenant).execute()
  const sum = (rows: Array<{ total: number }>): number => rows.reduce((so, { total }) => so + total, 0)
  t.same(await sumOrders(db, tenant, { q: '', status: '' }, ['count', 'total']),
    { count: 150, total: sum(all.filter(({ status }) => status !== 'cancelled')) }, 'nobody pays what was cancelled')
  t.same(await sumOrders(db, tenant, { q: '', status: 'cancelled' }, ['total']),
    { total: sum(all.filter(({ status }) => status === 'cancelled')) })
  t.same(await sumOrders(db, 'west', { q: '', status: '' }, ['tenant', 'count', 'goods']), { tenant: 'west', count: 0, goods: 0 })
  t.same((await countOrders(db, tenant, '')).slice(0, 2),
    [{ tenant, status: '', count: 150 }, { tenant, status: 'open', count: all.filter(({ status }) => status === 'open').length }])
  t.equal((await listOrders(db, tenant, { ...listing, q: 'n-10007' }, ['id']))[0]?.id, 7)

  const [open] = await listOrders(db, tenant, { ...listing, status: 'open' }, ['id', 'number'])
  const id = open?.id ?? 0
  const before = await findOrder(db, tenant, id, ['goods', 'customer_id'])
  t.same(await findOrder(db, 'south', id, ['goods']), null)
  const [line] = await listLines(db, tenant, id, ['id', 'quantity', 'price'])
  t.same(await listLines(db, 'south', id, ['id']), [])
  const others = await listHistory(db, tenant, id, ['id', 'customer_id'])
  t.ok(others.length > 0 && others.every((other) => other.customer_id === before?.customer_id && other.id !== id))
  t.same(await listHistory(db, 'south', id, ['id']), [])
  t.ok(await changeQuantity(db, tenant, id, line?.id ?? 0, (line?.quantity ?? 0) + 2))
  t.same(await findOrder(db, tenant, id, ['goods']), { goods: (before?.goods ?? 0) + 2 * (line?.price ?? 0) })
  t.notOk(await changeQuantity(db, tenant, id, 999_999, 1), 'a line of no such order')
  t.equal(await changeStatus(db, tenant, id, 'delivered'), undefined, 'not from open')
  t.equal(await changeStatus(db, 'south', id, 'packed'), undefined, 'not by another tenant')
  t.equal(await changeStatus(db, tenant, id, 'packed'), open?.number)
  t.notOk(await changeQuantity(db, tenant, id, line?.id ?? 0, 1), 'no longer open')
})
