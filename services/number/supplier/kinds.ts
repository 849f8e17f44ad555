/** Every kind of number supplier. A new one is its file and its line here. */

import type { NumberKind } from './adapter.ts'
import { handlerApi } from './handler-api.ts'
import { rumahotp } from './rumahotp.ts'

export const numberKinds: ReadonlyMap<string, NumberKind> = new Map(
  [handlerApi, rumahotp].map(kind => [kind.card.name, kind]),
)
