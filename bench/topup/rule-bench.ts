/**
 * A changed rule set run over all replies that a supplier ever gave, as a person does before it is
 * switched on. Beside it the same lines fetched, parsed and forgotten.
 *
 * BBL1. Every stored reply of the supplier is read by both rule sets, within the time there is.
 */
import { resolve } from 'node:path'
import type { Findings } from '../beside.ts'
import { Ground } from '../ground/ground.ts'
import { once } from '../ground/postgres.ts'
import type { PartSizes } from '../part-sizes.ts'
import { say } from '../turns.ts'
import { readThrough, recorded, watched } from './recorded.ts'

const file = resolve(import.meta.dirname, '../../services/parser/stored.bench.ts')
const supplier = 'digiflazz'
const roundsMax = 2

type Told = { readonly replies: number; readonly changed: number; readonly complete: boolean }

export async function benchRules(sizes: PartSizes): Promise<Findings> {
  const ground = await new Ground().open()
  try {
    const env = await recorded(ground, sizes.recorded)
    const url = env['DATABASE_URL']!
    // Each order asked this supplier first, and it answered once, with a success or a refusal.
    const [{ count } = { count: 0 }] = await once<{ count: number }>(
      url,
      `select count(*)::int as count from journal where body like '%"placed"%'`,
    )
    const ours: number[] = []
    const baseline: number[] = []
    const memory: number[] = []
    const wrong: string[] = []
    for (let round = 0; round < Math.min(roundsMax, sizes.rounds); round++) {
      const { told, seconds, peakMb } = await watched<Told>(file, [url, supplier], env)
      ours.push(seconds)
      memory.push(peakMb)
      baseline.push(await readThrough(url))
      say(
        `${told.replies} replies, ${told.changed} read otherwise: ${seconds.toFixed(1)} s, ${peakMb} MB`,
      )
      if (!told.complete || told.replies !== count || told.changed === 0) {
        wrong.push(`${told.replies} of ${count} replies, ${told.changed} read otherwise`)
      }
    }
    const replies = count.toLocaleString('en-US')
    return {
      figures: [
        {
          ...{ figure: `two rule sets over ${replies} replies`, unit: 's', most: 600 },
          ...{ ours, baseline, baselineIs: 'the same lines fetched, parsed and forgotten' },
        },
        {
          ...{ figure: 'its process at most', unit: 'MB', ours: memory, baseline: [] },
          baselineIs: 'none',
        },
      ],
      wrong,
    }
  } finally {
    await ground.close()
  }
}
