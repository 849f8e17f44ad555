/** How much waits in the tables, for those who watch: counted by partial indexes, up to a bound. */

import { type DatabasePool, sql, z } from './database.ts'

const counts = z.object({
  chatInbox: z.number(),
  chatOutbox: z.number(),
  chatOutboxAge: z.number(),
  callbacks: z.number(),
  parserShapes: z.number(),
  parserReplies: z.number(),
  suspense: z.number(),
  suspenseAmount: z.number(),
  attention: z.number(),
  attentionAge: z.number(),
  proposals: z.number(),
})
export type BacklogCounts = z.infer<typeof counts>

const countMax = 100_000

export async function countBacklog(pool: DatabasePool): Promise<BacklogCounts> {
  return await pool.one(sql.type(counts)`
    select
      (select count(*) from (select from chat_inbox where state = 'waiting'
         limit ${countMax}) as few)::float8 as "chatInbox",
      (select count(*) from (select from chat_outbox where state = 'waiting'
         limit ${countMax}) as few)::float8 as "chatOutbox",
      coalesce((select greatest(0, extract(epoch from now() - min(due_at))) from chat_outbox
         where state = 'waiting'), 0)::float8 as "chatOutboxAge",
      (select count(*) from (select from callback_inbox where verdict is null
         limit ${countMax}) as few)::float8 as callbacks,
      (select count(*) from parser_inbox)::float8 as "parserShapes",
      coalesce((select sum(count) from parser_inbox), 0)::float8 as "parserReplies",
      (select count(*) from bank_mutation where status = 'suspense')::float8 as suspense,
      coalesce((select sum(amount) from bank_mutation where status = 'suspense'),
         0)::float8 as "suspenseAmount",
      (select count(*) from (select id from order_view where attention is not null
         union select id from duplicate_sn where closed_at is null
         union select id from overcharge where closed_at is null
         limit ${countMax}) as few)::float8 as attention,
      coalesce((select extract(epoch from now() - min(created_at)) from order_view
         where attention is not null), 0)::float8 as "attentionAge",
      (select count(*) from price_sync where outcome = 'proposed')::float8 as proposals`)
}

const age = z.object({ supplier: z.string(), age: z.number() })

/** Seconds since the last list that could be read, of suppliers whose list is asked for. */
export async function priceListAges(pool: DatabasePool): Promise<readonly z.infer<typeof age>[]> {
  return await pool.any(sql.type(age)`
    select supplier.code as supplier, extract(epoch from now() - newest.asked_at)::float8 as age
      from supplier cross join lateral (
        select asked_at from price_sync
         where supplier_code = supplier.code and outcome not in ('asked', 'failed')
         order by id desc limit 1) as newest
     where supplier.active`)
}
