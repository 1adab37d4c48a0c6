import { sql } from 'kysely'
import type { CreateTableBuilder } from 'kysely'
import type { Db } from './database.ts'

type Table = CreateTableBuilder<string, string>

/** Creates what is missing; safe to run at every start. */
export async function createSchema (db: Db): Promise<void> {
  const table = (name: string): Table => db.schema.createTable(name).ifNotExists()
  const id = (build: Table) => build.addColumn('id', 'integer', (column) => column.primaryKey())
  const text = (build: Table, ...names: string[]) =>
    names.reduce((all, name) => all.addColumn(name, 'text', (column) => column.notNull()), build)
  const whole = (build: Table, ...names: string[]) =>
    names.reduce((all, name) => all.addColumn(name, 'integer', (column) => column.notNull()), build)

  await text(id(table('users')), 'tenant', 'email', 'name', 'role', 'password_hash', 'admin_notes')
    .addUniqueConstraint('users_email', ['email']).execute()
  await whole(text(id(table('customers')), 'tenant', 'name', 'city'), 'rebate').execute()
  await whole(text(id(table('products')), 'tenant', 'name'), 'price').execute()
  await whole(text(id(table('orders')), 'tenant', 'number', 'placed', 'status'), 'customer_id', 'goods', 'discount', 'total')
    .addForeignKeyConstraint('orders_customer', ['customer_id'], 'customers', ['id']).execute()
  await whole(id(table('order_lines')), 'order_id', 'product_id', 'quantity', 'price')
    .addForeignKeyConstraint('lines_order', ['order_id'], 'orders', ['id'])
    .addForeignKeyConstraint('lines_product', ['product_id'], 'products', ['id']).execute()
  await table('sessions').addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('expires', 'integer', (column) => column.notNull()).execute()

  await db.schema.createIndex('orders_placed').ifNotExists().on('orders').columns(['tenant', 'placed']).execute()
  await db.schema.createIndex('orders_status').ifNotExists().on('orders').columns(['tenant', 'status']).execute()
  await db.schema.createIndex('lines_of_order').ifNotExists().on('order_lines').column('order_id').execute()
  await sql`create view if not exists order_list as
    select orders.*, customers.name as customer, customers.city as city, customers.rebate as rebate
    from orders join customers on customers.id = orders.customer_id`.execute(db)
  await sql`create view if not exists line_list as
    select order_lines.*, products.name as product, orders.tenant as tenant
    from order_lines join products on products.id = order_lines.product_id
    join orders on orders.id = order_lines.order_id`.execute(db)
}
