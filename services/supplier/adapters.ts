/** The kinds of suppliers we speak to. A new one is a file like `digiflazz.ts` and a line here. */

import type { Adapter } from './adapter.ts'
import { atlantic } from './atlantic.ts'
import { digiflazz } from './digiflazz.ts'
import { digiflazzPostpaid } from './digiflazz-postpaid.ts'
import { generic } from './generic.ts'
import { otomax } from './otomax.ts'
import { vip } from './vip.ts'

export const adapters: ReadonlyMap<string, Adapter> = new Map(
  [{ ...digiflazz, postpaid: digiflazzPostpaid }, generic, otomax, atlantic, vip].map(
    (adapter: Adapter) => [adapter.card.name, adapter],
  ),
)
