/**
 * Reads the catalogue and compiles it, away from the thread that answers orders (Piscina). The
 * connection is opened for one run: changes are rare, and an idle worker should hold nothing.
 */

import { openDatabase } from '../../sql/database.ts'
import { readCatalogue } from '../../sql/topup/catalogue.ts'
import type { Book } from './book.ts'
import { compile } from './compile.ts'

export default async function compileCatalogue({ url }: { url: string }): Promise<Book> {
  const db = await openDatabase(url, { name: 'laju compile', connectionsMax: 1 })
  try {
    return compile(await readCatalogue(db.pool))
  } finally {
    await db.end()
  }
}
