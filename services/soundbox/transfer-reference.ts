/**
 * What the transfer of a batch is called at the bank. The batch's own reference is for people, and
 * a run gives the same one to every merchant; banks give it back cut, or without its dashes.
 *
 *   id of the batch ─▶ its key, 62 bits ─▶ LJ3W5E11264SGN ─▶ the bank ─▶ the batch
 *
 * TFR1. A batch has one, for ever, and no two batches have the same.
 * TFR2. Two letters and twelve more letters or digits; no sign that a bank would drop, and nothing
 *       that a spreadsheet would take for a number.
 * TFR3. It is found in whatever the bank writes around it, in capitals or not.
 */

import { type ActorId, keyOf, makeId } from '../../engine/ids.ts'

export const transferReference = (batchId: ActorId): string =>
  `LJ${BigInt(`0x${keyOf(batchId)}`)
    .toString(36)
    .toUpperCase()
    .padStart(12, '0')}`

export const transfersIn = (text: string): readonly string[] =>
  text.toUpperCase().match(/\bLJ[0-9A-Z]{12}\b/g) ?? []

/** The end of the batch's id, from the last dash but one: all of it that a reference tells. */
export function endOfId(reference: string): string {
  const key = [...reference.slice(2)].reduce(
    (sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)),
    0n,
  )
  return makeId(0, 0, key.toString(16).padStart(16, '0')).slice(19)
}
