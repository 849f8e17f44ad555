/**
 * The bench of rules over all stored replies of a supplier, as a person starts it before rules are
 * switched: in the same worker, on a database that was made for it. By
 * `npm run bench -- rule-bench`: `node services/parser/stored.bench.ts <database> <supplier>`.
 */

import { Piscina } from 'piscina'
import { defaultRules } from './default-rules.ts'
import type { Benched, Work } from './rules.worker.ts'

/** As long as a person's may take. */
const msMax = 10 * 60_000

export async function run(url: string, supplier: string): Promise<Benched> {
  const filename = new URL('./rules.worker.ts', import.meta.url).href
  const worker = new Piscina<Work, Benched>({ filename, maxThreads: 1 })
  // One rule less: a bench that finds no change has shown nothing.
  const after = defaultRules.filter(({ name }) => name !== 'sukses digiflazz')
  try {
    return await worker.run({ type: 'bench', url, supplier, before: null, after, msMax })
  } finally {
    await worker.destroy()
  }
}

if (import.meta.main) {
  const [url = '', supplier = ''] = process.argv.slice(2)
  const { changes: _, conflicts: __, ...benched } = await run(url, supplier)
  process.stdout.write(`${JSON.stringify(benched)}\n`)
}
