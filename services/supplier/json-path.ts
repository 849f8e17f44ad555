/** What stands somewhere in JSON, by a path that an owner writes: `data.0.price`. */

import { isObject } from './json.ts'

/** What stands at a dotted path; `0` is also the first of a list. */
export function valueAt(value: unknown, dotted: string): unknown {
  let here = value
  for (const name of dotted.split('.')) {
    if (Array.isArray(here)) here = /^\d+$/.test(name) ? here[Number(name)] : undefined
    else if (isObject(here) && Object.hasOwn(here, name)) here = here[name]
    else return undefined
  }
  return here
}

/** Text or a whole number there. */
export function wordAt(value: unknown, dotted: string): string | undefined {
  const here = valueAt(value, dotted)
  if (typeof here === 'boolean') return String(here)
  if (typeof here === 'number') return Number.isSafeInteger(here) ? String(here) : undefined
  const text = typeof here === 'string' ? here.trim() : ''
  return text === '' ? undefined : text
}
