/** What is for sale and what it costs this reseller, asked for at most once a minute. */

import { call } from './api.js'

const freshMs = 60_000
let known = null

/** `{ ok, rows, byCode }`, or what `call` says when it did not come. */
export async function products() {
  if (known !== null && Date.now() - known.at < freshMs) return known
  const answer = await call('GET', '/api/v1/products')
  if (!answer.ok) return known ?? answer
  const { rows } = answer.data
  known = { ok: true, rows, byCode: new Map(rows.map(row => [row.code, row])), at: Date.now() }
  return known
}

/** The name that people know, or the code while nobody can say. */
export const nameOf = code => known?.byCode.get(code)?.name ?? code
