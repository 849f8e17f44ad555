/** The kinds of suppliers we speak to. A new one is a file like `digiflazz.ts` and a line here. */

import type { Adapter } from './adapter.ts'
import { digiflazz } from './digiflazz.ts'

export const adapters: ReadonlyMap<string, Adapter> = new Map(
  [digiflazz].map(adapter => [adapter.card.name, adapter]),
)
