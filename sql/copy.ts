/**
 * COPY into a table over node-postgres: the cheapest way for many rows, about half the price of an
 * insert from arrays. Statements may stand before the COPY in one text; Postgres runs the lot as
 * one write, so a fence that raises takes the rows with it.
 *
 *   we: text, rows and done in one go ─▶ server: [statement; …] copy … ─▶ complete
 *
 * We don't wait to be asked for the rows: that would be one more round trip, at the far end of a
 * busy event loop. When a statement before the COPY raises, the server ignores what still comes.
 *
 * Q20. It resolves when all of it is durable, and rejects with the server's error when none is.
 */

import type pg from 'pg'

/** Column separator and quote that no JSON text and none of our words contain unescaped. */
export const copyOptions = "with (format csv, delimiter e'\\x01', quote e'\\x02', null e'\\x03')"
export const separator = '\x01'
export const nothing = '\x03'

/**
 * Words of others may hold anything: control characters become blanks, and nothing breaks a row.
 */
export function quoted(text: string): string {
  return text === '' ? '\x02\x02' : blanked(text)
}

/** As a column of text takes it, whichever way it comes there: NUL would be refused for ever. */
export function blanked(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
  return text.replace(/[\x00-\x1f]/g, ' ')
}

/** JSON as Postgres takes it: a NUL and half a character would be refused for ever as well. */
export function jsonOf(value: unknown): string {
  const text = JSON.stringify(value)
  return text.includes('\\u') ? text.replace(unkept, '$1\ufffd') : text
}

/** Written as an escape, and not behind a backslash that is one itself. */
const unkept = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g

type Wire = {
  readonly stream: { cork(): void; uncork(): void }
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

type Settle = (error: Error | null) => void

/** What node-postgres calls a submittable: a query that handles the protocol's messages itself. */
class CopyIn {
  readonly #text: string
  readonly #rows: string | Buffer | null
  readonly #settle: Settle
  #isSent = false

  constructor(text: string, rows: string | Buffer | null, settle: Settle) {
    this.#text = text
    this.#rows = rows
    this.#settle = settle
  }

  submit(wire: Wire): void {
    if (this.#isSent) return
    this.#isSent = true
    const rows = this.#rows
    if (rows === null) {
      wire.query(this.#text)
      return
    }
    // Together: each for itself would wake the server three times.
    wire.stream.cork()
    wire.query(this.#text)
    wire.sendCopyFromChunk(typeof rows === 'string' ? Buffer.from(rows) : rows)
    wire.endCopyFrom()
    wire.stream.uncork()
  }

  handleCopyInResponse(): void {}

  handleError(error: Error): void {
    this.#settle(error)
  }

  handleReadyForQuery(): void {
    this.#settle(null)
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}

/**
 * Rows are lines of `copyOptions`, each ended by a line feed, or a whole binary COPY stream.
 * `text` ends with the COPY.
 */
export function copyIn(
  client: pg.PoolClient | pg.Client,
  text: string,
  rows: string | Buffer,
): Promise<void> {
  return submitted(client, text, rows, () => {})
}

/**
 * The same, but the bytes leave now, behind whatever this connection was sent before and has not
 * answered. Only for a connection that nothing but this function uses. Without rows, `text` has no
 * COPY.
 */
export function copyBehind(
  client: pg.PoolClient | pg.Client,
  text: string,
  rows: Buffer | null,
): Promise<void> {
  const { connection } = client as unknown as { readonly connection: Wire }
  return submitted(client, text, rows, query => query.submit(connection))
}

function submitted(
  client: pg.PoolClient | pg.Client,
  text: string,
  rows: string | Buffer | null,
  before: (query: CopyIn) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | null = null
    const query = new CopyIn(text, rows, error => {
      if (error !== null) failure = error
      if (failure === null) resolve()
      else reject(failure)
    })
    before(query)
    client.query(query as never)
  })
}
