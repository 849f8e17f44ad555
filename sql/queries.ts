/** The statements of `sql/queries`, one per file, named as the function that asks for them. */

import { readFileSync } from 'node:fs'

type Query = { readonly name: string; readonly text: string }

const known = new Map<string, Query>()

/** Text of `sql/queries/<name>.sql`, to be prepared under its own name; read once. */
export function query(name: string): Query {
  const found = known.get(name)
  if (found) return found
  const text = readFileSync(new URL(`queries/${name}.sql`, import.meta.url), 'utf8')
  const fresh = { name, text }
  known.set(name, fresh)
  return fresh
}
