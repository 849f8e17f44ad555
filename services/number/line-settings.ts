/**
 * What the house sets for the number line while it runs. Whoever needs one reads `current()` each
 * time, so that a change holds from the next order on; what was agreed with an order stays.
 *
 * MUD1. A change says what, who and why; of two made of the same version, one is refused.
 * MUD2. What is not set is as usual; a setting of a newer version of this program is left alone.
 */

import { z } from 'zod/v4'
import type { Changes } from '../../sql/changes.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { addSettings, readSettings, settingTable } from '../../sql/number/setting.ts'
import type { NumberSettings } from '../contract/number-admin.ts'
import { type Heard, hear } from './heard.ts'

export const usualSettings: NumberSettings = {
  name: 'Nokosku',
  helpUrl: null,
  waitMinutes: 15,
  codeShownHours: 24,
  retentionDays: 30,
  refundAloneMax: 100_000,
}

const shape = z
  .object({
    name: z.string(),
    helpUrl: z.string().nullable(),
    waitMinutes: z.int(),
    codeShownHours: z.int(),
    retentionDays: z.int(),
    refundAloneMax: z.int(),
  })
  .partial()

export type LineSettings = Pick<Heard<unknown>, 'listen' | 'health' | 'stop'> & {
  readonly current: () => NumberSettings
  readonly version: () => number
  /** False when the settings are others than those the change was made of. */
  readonly change: (wish: SettingWish) => Promise<boolean>
}

type SettingWish = {
  readonly version: number
  readonly settings: Partial<NumberSettings>
  readonly by: string
  readonly reason: string
}

export async function openLineSettings({
  db: { pool },
  changes,
}: {
  readonly db: { readonly pool: DatabasePool }
  readonly changes: Pick<Changes, 'subscribe'>
}): Promise<LineSettings> {
  const heard = await hear({
    ...{ name: 'number-settings', table: settingTable, changes },
    async read() {
      const [newest] = await readSettings(pool, { before: Number.MAX_SAFE_INTEGER, limit: 1 })
      const said = newest === undefined ? {} : shape.parse(newest.settings)
      return {
        version: newest?.version ?? 0,
        kept: newest?.settings ?? {},
        settings: { ...usualSettings, ...said } as NumberSettings,
      }
    },
  })
  return {
    ...{ listen: heard.listen, health: heard.health, stop: heard.stop },
    current: () => heard.value().settings,
    version: () => heard.value().version,
    async change({ version, settings, by, reason }) {
      if (heard.value().version !== version) await heard.renew()
      if (heard.value().version !== version) return false
      const { kept } = heard.value()
      const whole = { version, settings: { ...kept, ...settings }, by, reason }
      if ((await addSettings(pool, whole)) === null) return false
      await heard.renew()
      return true
    },
  }
}
