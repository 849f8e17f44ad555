/** Inquired bills under their references. Plan: the primary key; `bill_inquiry_end` to forget. */

import { type DatabasePool, moment, sql, z } from '../database.ts'

type KeptInquiry = {
  readonly clientId: string
  readonly ref: string
  readonly token: string
  readonly endsAt: number
}

const nothing = z.object({})
const tokenRow = z.object({ token: z.string() })

/** How long an inquiry that is over can still say so. */
const keptAfterMs = 86_400_000
const forgottenAtOnce = 20

/** The last inquiry of a reference counts; a few that are long over make room for it. */
export async function keepInquiry(pool: DatabasePool, kept: KeptInquiry): Promise<void> {
  const { clientId, ref, token, endsAt } = kept
  await pool.any(sql.type(nothing)`
    with forgotten as (
      delete from bill_inquiry
       where (client_id, ref) in (
         select client_id, ref from bill_inquiry
          where ends_at < ${moment(endsAt - keptAfterMs)}
            and (client_id, ref) <> (${clientId}::uuid, ${ref})
          order by ends_at limit ${forgottenAtOnce} for update skip locked))
    insert into bill_inquiry (client_id, ref, token, ends_at)
    values (${clientId}, ${ref}, ${token}, ${moment(endsAt)})
    on conflict (client_id, ref) do update set token = excluded.token, ends_at = excluded.ends_at`)
}

export async function inquiryOf(
  pool: DatabasePool,
  { clientId, ref }: Pick<KeptInquiry, 'clientId' | 'ref'>,
): Promise<string | null> {
  const row = await pool.maybeOne(sql.type(tokenRow)`
    select token from bill_inquiry where client_id = ${clientId} and ref = ${ref}`)
  return row?.token ?? null
}
