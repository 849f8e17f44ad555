/** Rows that people read, page by page, against what the journal says that must stand there. */

import type { Actors } from './actors.ts'
import type { Problems } from './problems.ts'

/** The values of a row after its id; the second one is its reference. */
export type Wanted = readonly (string | number | null)[]

type About = {
  readonly shard: number
  readonly actors: Actors
  readonly problems: Problems
}

export type Table = {
  readonly view: 'payment_view' | 'settlement_view' | 'number_view' | 'deposit_intent'
  readonly columns: readonly string[]
  /** Columns that older rows do not have filled: what they do not say is not wrong. */
  readonly unsaid?: readonly string[]
}

type Compared = Table & {
  readonly wanted: ReadonlyMap<string, Wanted>
  readonly read: (ids: readonly string[]) => Promise<readonly (readonly unknown[])[]>
  /** Shows a later line than is being compared with. */
  readonly isAhead?: (row: readonly unknown[]) => boolean
}

const idsPerPage = 5_000

/** How many of the wanted rows are there. */
export async function compareRows(
  { view, columns, unsaid, wanted, read, isAhead = () => false }: Compared,
  { shard, actors, problems }: About,
): Promise<number> {
  const seqs = new Map([...actors.known.values()].map(({ id, seq }) => [id, seq]))
  const ids = [...wanted.keys()]
  let found = 0
  for (let from = 0; from < ids.length; from += idsPerPage) {
    const page = ids.slice(from, from + idsPerPage)
    const rows = new Map((await read(page)).map(([id, ...row]) => [id, row]))
    found += rows.size
    for (const id of page) {
      const place = { shard, seq: seqs.get(id), actor: id }
      const row = rows.get(id)
      if (row === undefined) {
        problems.add(`${view}.missing`, place, `reference ${wanted.get(id)![1]} has no row`)
        continue
      }
      if (isAhead(row)) continue
      const differences = columns.flatMap((column, index) => {
        const [stated, read] = [row[index] ?? null, wanted.get(id)![index] ?? null]
        if (String(stated) === String(read)) return []
        if (stated === null && unsaid?.includes(column)) return []
        return [`${column} is ${stated}, the journal says ${read}`]
      })
      if (differences.length > 0) problems.add(`${view}.changed`, place, differences.join('; '))
    }
  }
  return found
}

/** Text as a table takes it: neither a NUL nor half a character; what is no text is none. */
export const kept = (text: unknown): string =>
  typeof text === 'string' ? text.toWellFormed().replaceAll('\0', '\ufffd') : ''

/** Text as it stands in the rows of orders and movements: control characters are blanks there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
export const blanked = (text: string): string => text.toWellFormed().replace(/[\x00-\x1f]/g, ' ')
