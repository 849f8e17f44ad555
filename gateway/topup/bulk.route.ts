/**
 * Many orders in one request, as JSON or CSV: taken whole, answered at once, and read again row by
 * row while they are placed.
 *
 * GFA1. A list in which any row has a wrong shape is refused whole, and says which rows and why.
 * GFA2. A reference stands once in a list.
 * GFA3. A list spends from the allowance of orders, like an order; its rows wait for theirs (BUA5).
 */

import { parse } from 'csv-parse/sync'
import { z } from 'zod/v4'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Client, Edge } from '../edge.ts'
import type { Line } from '../lines.ts'
import {
  isJson,
  limitShape,
  pastedShape,
  priceLimitShape,
  productShape,
  readBody,
  readQuery,
  readShape,
  refShape,
  tokenShape,
  trxIdShape,
} from '../reading.ts'
import type { Asked } from '../router.ts'
import { codeText } from '../text/codes.id.ts'
import { orderOkText } from '../text/order.id.ts'

const rowsMax = 500

const bulkRow = z.object({
  ref_id: refShape,
  product_code: productShape,
  destination: pastedShape,
  max_price: priceLimitShape.optional(),
  inquiry_token: tokenShape.optional(),
})

export const bulkList = z.object({
  ref_id: refShape,
  rows: z
    .array(bulkRow)
    .min(1)
    .max(rowsMax)
    .refine(rows => new Set(rows.map(row => row.ref_id)).size === rows.length),
})

const naming = z.object({ ref_id: refShape })

export const bulk: Line = (router, edge) => {
  const path = '/api/v1/transactions/bulk'
  router.signed('post', path, (visit, client, asked) => take(edge, visit, client, asked), {
    ordering: true,
  })
  router.signed('get', `${path}/:bulk_id`, (visit, client, { params }) =>
    read(edge, visit, client, params[0] ?? ''),
  )
}

function take(edge: Edge, visit: Visit, { userId }: Client, { body, headers }: Asked) {
  const type = headers['content-type'] ?? ''
  const list = isJson(type)
    ? readBody(visit, body, bulkList)
    : /^text\/csv\b/i.test(type)
      ? readTable(visit, body)
      : visit.refuse('CONTENT_TYPE_UNSUPPORTED', { moneyEffect: 'none' })
  if (list === undefined) return
  const rows = list.rows.map(row => ({
    ref: row.ref_id,
    product: row.product_code,
    destination: row.destination,
    ...(row.max_price === undefined ? {} : { maxPrice: row.max_price }),
    ...(row.inquiry_token === undefined ? {} : { inquiryToken: row.inquiry_token }),
  }))
  ask(
    edge,
    visit,
    userId,
    () => edge.call('bulk.start', { userId, ref: list.ref_id, rows }),
    ({ jobId }) =>
      visit.ok(orderOkText.bulk, JSON.stringify({ bulk_id: jobId, total: list.rows.length })),
  )
}

/** The first line names the columns; the list's own reference stands in the query. */
function readTable(visit: Visit, body: Buffer): z.infer<typeof bulkList> | undefined {
  const named = readQuery(visit, naming)
  if (named === undefined) return undefined
  let records: Record<string, string>[]
  try {
    records = parse(body, {
      bom: true,
      columns: names => names.map((name: string) => name.trim().toLowerCase()),
      skip_empty_lines: true,
      trim: true,
      to: rowsMax + 1,
    })
  } catch (error) {
    const { message } = error as Error
    visit.refuse('VALIDATION_FAILED', { details: { problem: message }, moneyEffect: 'none' })
    return undefined
  }
  const rows = records.map(({ max_price, inquiry_token, ...row }) => ({
    ...row,
    ...(inquiry_token ? { inquiry_token } : {}),
    ...(max_price === undefined || max_price === '' ? {} : { max_price: Number(max_price) }),
  }))
  return readShape(visit, { ...named, rows }, bulkList)
}

export const bulkPaging = z.object({
  after: z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .default(0),
  limit: limitShape(rowsMax, 100),
})

function read(edge: Edge, visit: Visit, { userId }: Client, jobId: string) {
  if (!trxIdShape.test(jobId)) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
  const paging = readQuery(visit, bulkPaging)
  if (paging === undefined) return
  ask(
    edge,
    visit,
    userId,
    () => edge.call('bulk.read', { userId, jobId, ...paging }),
    ({ tally, rows, next }) => {
      const { ref, ...counts } = tally
      const told = rows.map(row => ({
        n: row.n,
        ref_id: row.ref,
        product_code: row.product,
        destination: row.destination,
        result: row.result,
        error_code: row.code,
        message: row.code === null ? null : codeText[row.code as keyof typeof codeText],
        trx_id: row.trxId,
        status: row.status,
        sn: row.sn,
      }))
      visit.ok(
        orderOkText.bulkRead,
        JSON.stringify({ bulk_id: jobId, ref_id: ref, ...counts, rows: told, next_after: next }),
      )
    },
  )
}
