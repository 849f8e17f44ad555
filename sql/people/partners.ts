/**
 * Clients whose servers speak an OtomaX dialect, as the house has set them up: which imprecise
 * signs are taken from them, by which codes they pay bills, and the reply texts that their parsers
 * expect.
 */

import { type DatabasePool, sql, z } from '../database.ts'

/** Null: the usual. */
export const billCodes = z
  .object({
    inquiry: z.array(z.string()).readonly(),
    pay: z.array(z.string()).readonly(),
    pair: z.enum(['number', 'ref']),
  })
  .nullable()
type BillCodesRow = z.infer<typeof billCodes>

const partnerRow = z.object({ signForms: z.array(z.string()), bills: billCodes })
type PartnerRow = z.infer<typeof partnerRow>

/** Null when there is no such member. */
export async function partnerOf(pool: DatabasePool, memberId: string): Promise<PartnerRow | null> {
  return await pool.maybeOne(sql.type(partnerRow)`
    select sign_forms as "signForms", bill_codes as bills
      from client where member_id = ${memberId}`)
}

export async function replaceBillCodes(
  pool: DatabasePool,
  { memberId, bills }: { memberId: string; bills: BillCodesRow },
): Promise<boolean> {
  const codes = bills === null ? null : JSON.stringify(bills)
  const { rowCount } = await pool.query(sql.type(z.object({}))`
    update client set bill_codes = ${codes}::jsonb where member_id = ${memberId}`)
  return rowCount > 0
}

export async function replaceSignForms(
  pool: DatabasePool,
  { memberId, signForms }: { memberId: string; signForms: readonly string[] },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(z.object({}))`
    update client set sign_forms = ${sql.array([...signForms], 'text')}
     where member_id = ${memberId}`)
  return rowCount > 0
}

const templateRow = z.object({ style: z.string(), outcome: z.string(), body: z.string() })
type ReplyTemplateRow = z.infer<typeof templateRow>

/** Those of one member, or those of the house. */
export async function replyTemplates(
  pool: DatabasePool,
  memberId: string | null,
): Promise<readonly ReplyTemplateRow[]> {
  return await pool.any(sql.type(templateRow)`
    select style, outcome, body
      from reply_template left join client on client.id = client_id
     where member_id is not distinct from ${memberId}
     order by style, outcome`)
}

/** A body of null takes the text away again. False when there is no such member. */
export async function putReplyTemplate(
  pool: DatabasePool,
  {
    memberId,
    style,
    outcome,
    body,
  }: Omit<ReplyTemplateRow, 'body'> & {
    memberId: string | null
    body: string | null
  },
): Promise<boolean> {
  const owner = await pool.maybeOne(sql.type(z.object({ id: z.string().nullable() }))`
    select case when ${memberId}::text is null then null
                else (select id from client where member_id = ${memberId}) end as id`)
  const id = owner?.id ?? null
  if (memberId !== null && id === null) return false
  if (body === null) {
    await pool.query(sql.type(z.object({}))`
      delete from reply_template
       where client_id is not distinct from ${id}::uuid
         and style = ${style} and outcome = ${outcome}`)
    return true
  }
  await pool.query(sql.type(z.object({}))`
    insert into reply_template (client_id, style, outcome, body)
    values (${id}::uuid, ${style}, ${outcome}, ${body})
    on conflict (client_id, style, outcome)
    do update set body = excluded.body, updated_at = now()`)
  return true
}
