/** A body as a browser's form would send it. */

import type { SupplierRequest } from './adapter.ts'

export function formOf(
  fields: Readonly<Record<string, unknown>>,
): Pick<SupplierRequest, 'body' | 'type'> {
  const pairs = Object.entries(fields).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  return {
    body: new URLSearchParams(pairs).toString(),
    type: 'application/x-www-form-urlencoded',
  }
}
