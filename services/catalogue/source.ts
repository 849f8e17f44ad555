/**
 * Where books come from: the first is compiled in this thread, before anybody is served and without
 * waiting for a thread to start; all later ones by a worker (Piscina).
 */

import { Piscina } from 'piscina'
import type { Database } from '../../sql/database.ts'
import { readCatalogue } from '../../sql/topup/catalogue.ts'
import type { Book } from './book.ts'
import { compile } from './compile.ts'

export type BookSource = {
  readonly first: () => Promise<Book>
  readonly next: () => Promise<Book>
  readonly stop: () => Promise<void>
}

const workerIdleMs = 30_000

export function bookSource(db: Pick<Database, 'pool' | 'url'>): BookSource {
  const worker = new Piscina<{ url: string }, Book>({
    filename: new URL('./compile.worker.ts', import.meta.url).href,
    recordTiming: false,
    minThreads: 0,
    maxThreads: 1,
    maxQueue: 1,
    idleTimeout: workerIdleMs,
  })
  return {
    first: async () => compile(await readCatalogue(db.pool)),
    next: () => worker.run({ url: db.url }),
    stop: () => worker.destroy(),
  }
}
