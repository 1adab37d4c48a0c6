import type { Db } from './database.ts'
import { hashPassword } from './passwords.ts'
import { priceOrder } from './pricing.ts'
import { cities, families, firsts, goods, trades } from './seed-words.ts'
import type { Status } from './status.ts'

export const tenant = 'north'
/** Two shops, whose people have the same names, and whose orders the same numbers: nothing but the tenant tells them apart. */
export const demoUsers = [
  { tenant, email: 'clerk@example.com', name: 'Clara Winter', role: 'clerk', password: 'orders-and-tea' },
  { tenant, email: 'viewer@example.com', name: 'Victor Lund', role: 'viewer', password: 'only-looking' },
  { tenant: 'south', email: 'clerk@south.example.com', name: 'Clara Winter', role: 'clerk', password: 'orders-and-sun' },
  { tenant: 'south', email: 'viewer@south.example.com', name: 'Victor Lund', role: 'viewer', password: 'looking-south' }
] as const

export interface SeedOptions {
  /** Of the first tenant; the other has a tenth. */
  readonly orders?: number
  readonly customers?: number
  readonly progress?: (done: number, of: number) => void
}

/** Fills an empty database with the same rows everywhere; returns false when there was nothing to do. */
export async function seed (db: Db, { orders = 3000, customers = 400, progress = () => {} }: SeedOptions = {}): Promise<boolean> {
  if (await db.selectFrom('users').select('id').limit(1).executeTakeFirst() !== undefined) return false
  const users = await Promise.all(demoUsers.map(async ({ password, ...user }) =>
    ({ ...user, password_hash: await hashPassword(password), admin_notes: 'Reviewed yearly, and not to be shown.' })))
  // One transaction: a start that was interrupted leaves an empty database, and the next start seeds again.
  await db.transaction().execute(async (tx) => {
    await tx.insertInto('users').values(users).execute()
    await seedShop(tx, { tenant, orders, customers, before: 0, seed: 20260731, progress })
    const tenth = (count: number): number => Math.ceil(count / 10)
    const before = Math.max(orders, customers, goods.length)
    await seedShop(tx, { tenant: 'south', orders: tenth(orders), customers: tenth(customers), before, seed: 20260801, progress: () => {} })
  })
  return true
}

interface Shop extends Required<SeedOptions> {
  readonly tenant: string
  /** Rows have ids after that one: every id is one tenant's. */
  readonly before: number
  readonly seed: number
}

async function seedShop (tx: Db, { tenant, orders, customers, before, seed, progress }: Shop): Promise<void> {
  const next = random(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T
  const products = goods.map(([name, price], k) => ({ id: before + k + 1, tenant, name, price }))
  await tx.insertInto('products').values(products).execute()
  const people = Array.from({ length: customers }, (_, k) => ({
    id: before + k + 1,
    tenant,
    name: k % 3 === 0 ? `${pick(families)} ${pick(trades)}` : `${pick(firsts)} ${pick(families)}`,
    city: pick(cities),
    rebate: pick([0, 0, 0, 0, 2, 3, 5])
  }))
  await tx.insertInto('customers').values(people).execute()

  const batch = 100
  for (let from = 0; from < orders; from += batch) {
    const made = Array.from({ length: Math.min(batch, orders - from) }, (_, k) => {
      const place = from + k + 1
      const id = before + place
      const age = (orders - place) / orders
      const customer = people[Math.floor(next() ** 2 * customers)] as typeof people[number]
      const lines = Array.from({ length: 1 + Math.floor(next() ** 2 * 6) }, () => {
        const product = pick(products)
        return { order_id: id, product_id: product.id, quantity: 1 + Math.floor(next() ** 3 * 24), price: product.price }
      })
      const placed = new Date(Date.UTC(2026, 6, 31, 17) - age * 180 * 86_400_000 - next() * 3_600_000)
      const { goods, discount, total } = priceOrder(lines, customer.rebate)
      const row = {
        id,
        tenant,
        number: `N-${10_000 + place}`,
        customer_id: customer.id,
        placed: placed.toISOString().slice(0, 16),
        status: statusAt(age, next()),
        goods,
        discount,
        total
      }
      return { row, lines }
    })
    await tx.insertInto('orders').values(made.map(({ row }) => row)).execute()
    await tx.insertInto('order_lines').values(made.flatMap(({ lines }) => lines)).execute()
    progress(Math.min(from + batch, orders), orders)
  }
}

/** Young orders are open, old ones delivered, a few were cancelled. */
function statusAt (age: number, chance: number): Status {
  if (chance < 0.04) return 'cancelled'
  const ripe = age * 12 + chance
  if (ripe < 0.6) return 'open'
  if (ripe < 0.95) return 'packed'
  return ripe < 1.6 ? 'shipped' : 'delivered'
}

/** mulberry32: small, seeded, the same everywhere. */
function random (seed: number): () => number {
  return () => {
    seed = (seed + 0x6D2B79F5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
