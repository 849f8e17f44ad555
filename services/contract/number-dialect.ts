/** For the edge that speaks handler_api.php: who a bare key is of, and numbers instead of ids. */

import type { DigiflazzCard } from './identity.ts'
import type { Millis } from './words.ts'

/** Its `status` is suspended while he is banned; `bannedUntil` is null without an end. */
export type DialectCard = DigiflazzCard & { readonly bannedUntil?: Millis | null }

export type DialectActions = {
  'dialect.card': { params: { apiKey: string }; result: DialectCard | null }
  /** In the order of the ids. */
  'dialect.numbers': {
    params: { userId: string; orderIds: readonly string[] }
    result: readonly number[]
  }
  'dialect.order': { params: { userId: string; n: number }; result: string | null }
  /** Of countries that the protocol has no number for, in their order. */
  'dialect.countries': { params: { countryIds: readonly string[] }; result: readonly number[] }
}
