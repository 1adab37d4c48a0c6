import type { Db } from '../../example/database.ts'

const notes = 'XQnotes-7f3a, the admin\'s "words" & worries'
const colleague = 'xqcolleague-51c0@example.com'
const stranger = { name: 'XQstranger-9e27 Ltd', city: 'XQtown-44d1', number: 'XQ-8842-0117', product: 'XQproduct-63b8' } as const

/**
 * Puts into the example's database what no page may ever show to the clerk: notes, the addresses of others, another tenant's
 * orders. Answers these texts, and the password hashes that are there anyway.
 */
export async function plantSecrets (db: Db): Promise<string[]> {
  await db.updateTable('users').set({ admin_notes: notes }).execute()
  const elsewhere = 'south'
  await db.insertInto('users').values([
    { tenant: 'north', email: colleague, name: 'Cole', role: 'clerk', password_hash: 'XQhash-of-a-colleague', admin_notes: notes },
    { tenant: elsewhere, email: 'xqstranger-12ab@example.com', name: 'Sol', role: 'clerk', password_hash: 'XQhash-of-a-stranger', admin_notes: notes }
  ]).execute()
  const customer = await db.insertInto('customers')
    .values({ tenant: elsewhere, name: stranger.name, city: stranger.city, rebate: 5 }).returning('id').executeTakeFirstOrThrow()
  const product = await db.insertInto('products')
    .values({ tenant: elsewhere, name: stranger.product, price: 7_654_321 }).returning('id').executeTakeFirstOrThrow()
  const order = await db.insertInto('orders').values({
    tenant: elsewhere,
    number: stranger.number,
    customer_id: customer.id,
    placed: '2026-07-31T23:59',
    status: 'open',
    goods: 7_654_321,
    discount: 0,
    total: 7_654_321
  }).returning('id').executeTakeFirstOrThrow()
  await db.insertInto('order_lines').values({ order_id: order.id, product_id: product.id, quantity: 1, price: 7_654_321 }).execute()
  const users = await db.selectFrom('users').select('password_hash').execute()
  const hashes = users.flatMap(({ password_hash: hash }) => hash.startsWith('$') ? hash.split('$').slice(-2) : [hash])
  return [notes, colleague, 'xqstranger-12ab@example.com', ...Object.values(stranger), ...hashes]
}
