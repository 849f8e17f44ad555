/**
 * How much money one person moved without a second one, whichever of the four ways it went: by
 * hand, by a decision about a bank's row, by a verdict about a deposit through a gateway, or as what
 * was owed and is said to be paid back in cash.
 */

import { lockOf } from '../advisory-locks.ts'
import { moment, sql } from '../database.ts'

/** What a person may do without another one, and since when it is counted. */
export type Alone = { readonly aloneMax: number; readonly dayMs: number; readonly nowMs: number }

/** What one person moved alone; whoever asks has `lockPerson` until his own is written. */
export const movedAlone = (by: string, dayMs: number) => sql.fragment`(
  select coalesce(sum(amount), 0) from (
    select amount from manual_deposit
     where asked_by = ${by}::uuid and asked_at >= ${moment(dayMs)} and second_by is null
       and status in ('approved', 'paid')
    union all
    select amount from bank_mutation
     where decided_by = ${by}::uuid and decided_at >= ${moment(dayMs)} and second_by is null
       and status in ('matched', 'assigned', 'credited')
    union all
    select amount from deposit_verdict
     where asked_by = ${by}::uuid and asked_at >= ${moment(dayMs)} and second_by is null
       and verdict <> 'return' and status in ('approved', 'done')
    union all
    select amount from credit_entry
     where by = ${by}::uuid and created_at >= ${moment(dayMs)} and kind = 'cash'
       and status in ('taken', 'done')) as moved)`

export const lockPerson = (by: string) => lockOf('person', by)
