/**
 * Arrays as Postgres reads them, one text each: a pile of rows travels as a few of them. What
 * node-postgres makes of an array costs several times as much, and a tenth of all garbage.
 *
 *   sql.unnest(rows, types) ─▶ an array per column ─▶ `{1,2,3}`, `{a,"b, c",NULL}` ─▶ Postgres
 *
 * QAT1. Postgres reads from it what it reads from node-postgres's own words: any text, numbers,
 *       truth, bytes, nothing, and arrays of them.
 */

import type { Interceptor, PrimitiveValueExpression } from 'slonik'

type Value = PrimitiveValueExpression

/** For the pool: all arrays among the values of a query. */
export const arraysAsText: Interceptor = {
  name: 'arrays-as-text',
  transformQuery(_, query) {
    if (!query.values.some(value => Array.isArray(value))) return query
    const values = query.values.map(one => (Array.isArray(one) ? arrayText(one) : one))
    return { ...query, values }
  },
}

export const arrayText = (values: readonly Value[]): string => `{${values.map(textOf).join(',')}}`

function textOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return isPlain(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      if (value === null) return 'NULL'
      if (Buffer.isBuffer(value)) return `"\\\\x${value.toString('hex')}"`
      return arrayText(value as readonly Value[])
  }
}

/** Nothing in it that an array's text means otherwise. */
const isPlain = (text: string): boolean => /^[\w.:+-]+$/.test(text) && !/^null$/i.test(text)
