/** For tests: a database of one's own, to be spoiled and read again; dropped with its last test. */

import { after } from 'node:test'
import pg from 'pg'
import { testDatabase } from '../testing/database.ts'

/** Called at the top of a test file. */
export async function openBooks(): Promise<{ readonly url: string; readonly client: pg.Client }> {
  const { url, drop } = await testDatabase()
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  after(async () => {
    await client.end()
    await drop()
  })
  return { url, client }
}
