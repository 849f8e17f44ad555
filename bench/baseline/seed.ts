/** Gives a fresh database the baseline's tables and the same customers as the system beside it. */
import { readFile } from 'node:fs/promises'
import pg from 'pg'

export type Customer = { readonly userId: string; readonly key: string; readonly secret: string }

export type Seed = {
  readonly customers: readonly Customer[]
  readonly deposit: number
  readonly product: { readonly code: string; readonly sku: string; readonly price: number }
}

export async function seed(databaseUrl: string, { customers, deposit, product }: Seed) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(await readFile(new URL('schema.sql', import.meta.url), 'utf8'))
    await client.query(
      'insert into client select * from unnest($1::uuid[], $2::text[], $3::text[])',
      [customers.map(c => c.userId), customers.map(c => c.key), customers.map(c => c.secret)],
    )
    await client.query('insert into wallet (user_id, balance) select id, $1 from client', [deposit])
    await client.query('insert into product values ($1, $2, $3)', Object.values(product))
    await client.query('analyze')
  } finally {
    await client.end()
  }
}
