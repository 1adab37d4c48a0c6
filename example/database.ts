import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Kysely, SqliteDialect } from 'kysely'
import type { Generated, KyselyConfig } from 'kysely'
import Database from 'libsql'
import type { ListedOrderRow, OrderLineRow, OrderRow, UserRow } from './tables.ts'

type Stored<Row> = Omit<Row, 'id'> & { id: Generated<number> }

export interface Tables {
  users: Stored<UserRow>
  customers: { id: Generated<number>, tenant: string, name: string, city: string, rebate: number }
  products: { id: Generated<number>, tenant: string, name: string, price: number }
  orders: Stored<OrderRow>
  order_lines: { id: Generated<number>, order_id: number, product_id: number, quantity: number, price: number }
  sessions: { id: string, data: string, expires: number }
  /** A view: orders with their customer's name, city and rebate. */
  order_list: ListedOrderRow
  /** A view: lines with their product's name and their order's tenant. */
  line_list: OrderLineRow
}

export type Db = Kysely<Tables>

/** Opens (and creates) the SQLite file; `:memory:` for a database that dies with the process. */
export function openDatabase (file: string, log: KyselyConfig['log'] = ['error']): Db {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const database = new Database(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; pragma busy_timeout = 3000')
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }), ...log !== undefined && { log } })
}
