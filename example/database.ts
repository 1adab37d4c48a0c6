import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Kysely, SqliteDialect } from 'kysely'
import type { Generated } from 'kysely'
import Database from 'libsql'
import type { Status } from './status.ts'

export interface Tables {
  users: {
    id: Generated<number>
    tenant: string
    email: string
    name: string
    role: 'clerk' | 'viewer'
    password_hash: string
    /** Never shown by any template, so never fetched: the loaders ask for the template's fields only. */
    admin_notes: string
  }
  customers: { id: Generated<number>, tenant: string, name: string, city: string, rebate: number }
  products: { id: Generated<number>, tenant: string, name: string, price: number }
  orders: {
    id: Generated<number>
    tenant: string
    number: string
    customer_id: number
    placed: string
    status: Status
    goods: number
    discount: number
    total: number
  }
  order_lines: { id: Generated<number>, order_id: number, product_id: number, quantity: number, price: number }
  sessions: { id: string, data: string, expires: number }
  /** A view: orders with their customer's name and city. */
  order_list: Tables['orders'] & { customer: string, city: string, rebate: number }
}

export type Db = Kysely<Tables>

/** Opens (and creates) the SQLite file; `:memory:` for a database that dies with the process. */
export function openDatabase (file: string): Db {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const database = new Database(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; pragma busy_timeout = 3000')
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })
}
