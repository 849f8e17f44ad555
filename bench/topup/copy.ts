/** Rows into a table by COPY, some thousand at once, in the text format of Postgres. */
import type pg from 'pg'

export type Cell = string | number | boolean | null

type Wire = {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

const rowsAtOnce = 10_000

export async function copy(
  client: pg.Client,
  into: string,
  rows: Iterable<readonly Cell[]>,
): Promise<void> {
  let lines: string[] = []
  const send = async () => {
    const bytes = Buffer.from(lines.join(''))
    lines = []
    await submit(client, `copy ${into} from stdin`, bytes)
  }
  for (const row of rows) {
    lines.push(`${row.map(textOf).join('\t')}\n`)
    if (lines.length === rowsAtOnce) await send()
  }
  if (lines.length > 0) await send()
}

const textOf = (cell: Cell): string =>
  cell === null ? '\\N' : String(cell).replace(/[\\\t\n\r]/g, mark => `\\${escapes[mark]}`)

const escapes: Readonly<Record<string, string>> = { '\\': '\\', '\t': 't', '\n': 'n', '\r': 'r' }

/** What node-postgres takes for a query that speaks the protocol itself. */
function submit(client: pg.Client, text: string, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | null = null
    const query = {
      submit: (wire: Wire) => wire.query(text),
      handleCopyInResponse(wire: Wire) {
        wire.sendCopyFromChunk(bytes)
        wire.endCopyFrom()
      },
      handleError(error: Error) {
        failure = error
        reject(error)
      },
      handleReadyForQuery() {
        if (failure === null) resolve()
      },
      handleCommandComplete() {},
      handleRowDescription() {},
      handleDataRow() {},
      handleEmptyQuery() {},
      handlePortalSuspended() {},
    }
    client.query(query as never)
  })
}
