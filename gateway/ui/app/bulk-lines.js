/**
 * What a person pastes as a list of orders: a product and a number per line, in either order, with
 * whatever stands between them.
 *
 * WUN1. A line that is not understood is named and never sent; nothing is guessed.
 * WUN2. The first line may name columns; it is known by having no digit in it.
 * WUN3. A price seen here is the most that is paid for that line.
 */

import { bare } from '../kit/format.js'

export const linesMax = 500

/** `{ n, code, number, price, name, problem }` for each line that is not empty. */
export function readLines(typed, byCode) {
  const codes = new Map([...byCode.keys()].map(code => [code.toUpperCase(), code]))
  const seen = new Set()
  const lines = typed.split(/\r?\n|\r/).map((text, index) => ({ text: text.trim(), n: index + 1 }))
  const full = lines.filter(({ text }) => text !== '')
  return (/\d/.test(full[0]?.text ?? '1') ? full : full.slice(1)).map(({ text, n }) => {
    const row = { n, ...understand(text, { codes, byCode }) }
    if (row.problem !== null) return row
    const key = `${row.code} ${row.number}`
    const isTwice = seen.has(key)
    seen.add(key)
    return isTwice ? { ...row, problem: 'twice' } : row
  })
}

function understand(text, { codes, byCode }) {
  const words = text
    .split(/[\s,;|]+/)
    .map(word => word.replace(/^["'=]+|["']+$/g, ''))
    .filter(word => word !== '')
  const blank = { code: text, number: '', price: 0, name: text }
  if (words.length < 2) return { ...blank, problem: 'unreadable' }
  const at = words.findIndex(word => codes.has(word.toUpperCase()))
  if (at === -1) return { ...blank, problem: 'unknown' }
  const row = byCode.get(codes.get(words[at].toUpperCase()))
  const rest = words.toSpliced(at, 1)
  const number = bare(rest.join(''))
  const known = { code: row.code, number, price: row.price, name: row.name }
  if (row.type === 'postpaid') return { ...known, problem: 'bill' }
  if (!row.open) return { ...known, problem: 'closed' }
  return { ...known, problem: /^[+\w()]{4,32}$/.test(number) ? null : 'number' }
}
