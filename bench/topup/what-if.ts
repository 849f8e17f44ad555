/**
 * What-if over recorded orders, as an owner runs it: on the command line, over a journal that was
 * made for it. Beside it the same lines fetched, parsed and forgotten.
 *
 * BBI1. Every order is counted, and today's rules give every recorded first choice again.
 */
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Findings } from '../beside.ts'
import { Ground } from '../ground/ground.ts'
import type { PartSizes } from '../part-sizes.ts'
import { say } from '../turns.ts'
import { cli, readThrough, recorded, watched } from './recorded.ts'

const rules = [{ scope: 'default', target: '', rule: { policy: 'cheapest', split: { vip: 10 } } }]
/** A round reads the whole journal twice. */
const roundsMax = 3

type Told = { readonly orders: number; readonly reproduced: number; readonly moved: number }

export async function benchWhatIf(sizes: PartSizes): Promise<Findings> {
  const ground = await new Ground().open()
  const file = join(tmpdir(), `laju-bench-${process.pid}.json`)
  try {
    const env = await recorded(ground, sizes.recorded)
    await writeFile(file, JSON.stringify(rules))
    const ours: number[] = []
    const baseline: number[] = []
    const memory: number[] = []
    const wrong: string[] = []
    for (let round = 0; round < Math.min(roundsMax, sizes.rounds); round++) {
      const args = ['replay', '--what-if', file, '--json']
      const { told, seconds, peakMb } = await watched<Told>(cli, args, env)
      const { orders, reproduced, moved } = told
      ours.push(seconds)
      memory.push(peakMb)
      baseline.push(await readThrough(env['DATABASE_URL']!))
      const counts = `${orders} orders, ${reproduced} chosen again, ${moved} moved`
      say(`${counts}: ${seconds.toFixed(1)} s, ${peakMb} MB`)
      if (orders !== sizes.recorded || reproduced !== orders || moved === 0) wrong.push(counts)
    }
    const count = sizes.recorded.toLocaleString('en-US')
    return {
      figures: [
        {
          ...{ figure: `what-if over ${count} recorded orders`, unit: 's', most: 60 },
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
    await rm(file, { force: true })
    await ground.close()
  }
}
