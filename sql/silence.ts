/**
 * A connection can die without a word: the machine behind it is gone, or a box on the way has
 * forgotten it. Nobody says so, what was asked is not answered, and the system goes on sending it
 * again for a quarter of an hour. Postgres gives up on a statement long before; so who hears
 * nothing at all for longer than that hangs up, and asks on another connection.
 *
 *   asked ─▶ bytes … bytes ─▶ answered        asked ─▶ nothing for so long ─▶ hung up: an error
 *
 * QSI1. A question to a connection that has become silent fails, on a bare client and in a pool,
 *       and its place in the pool is free again.
 * QSI2. A connection that is not there within a few seconds is an error.
 * QSI3. Nothing is hung up that has nothing to answer.
 */

import type { Socket } from 'node:net'
import pg from 'pg'
import { BackendTerminatedUnexpectedlyError, type DriverClient, type DriverFactory } from 'slonik'

/** Longer than any of our statements may take. */
export const silenceMsMax = 20_000
const connectMsMax = 5_000

/** The clients of a `pg.Pool`: `Client: heedful(ms)`. */
export function heedful(msMax = silenceMsMax): new () => pg.Client {
  class Heedful extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ connectionTimeoutMillis: connectMsMax, ...config })
      hangUpWhenSilent(this, msMax)
    }
  }
  return Heedful
}

export function hangUpWhenSilent(client: pg.Client, msMax: number): void {
  const wire = client as unknown as { connection: { stream: Socket }; readyForQuery: boolean }
  // Not before: a connection over TLS is another stream by then.
  client.once('connect', () => {
    const { stream } = wire.connection
    stream.setTimeout(msMax, () => {
      if (!wire.readyForQuery) stream.destroy(new Error(`no answer for ${msMax} ms`))
    })
  })
}

/** The same for slonik, which shows nobody its connections. */
export function givingUp(inner: DriverFactory, msMax: number): DriverFactory {
  return async asked => {
    const driver = await inner(asked)
    return { createClient: async () => impatient(await driver.createClient(), msMax) }
  }
}

function impatient(client: DriverClient, msMax: number): DriverClient {
  let isSilent = false
  const gone = () =>
    new BackendTerminatedUnexpectedlyError(new Error(`no answer for ${msMax} ms: hung up`))
  return {
    ...client,
    query(text, values) {
      if (isSilent) return Promise.reject(gone())
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          isSilent = true
          reject(gone())
          client.destroy().catch(() => {})
        }, msMax)
        const over = () => clearTimeout(late)
        const answer = client.query(text, values)
        answer.then(resolve, reject)
        answer.then(over, over)
      })
    },
  }
}
