/**
 * Statements that come many times a second are prepared once per connection: to read and plan a
 * short one takes Postgres longer than to carry it out. Slonik knows no names for statements, so a
 * text says by its first line that it is one of them.
 *
 *   sql`-- prepared: keep-callbacks
 *       insert into …`
 *
 * Only for what looks into no table, as inserts do: a plan stays as it was while tables were
 * small.
 *
 * QSM1. A text that names itself is prepared under that name; its text is always the same, only
 *       values differ. All others are sent as they are.
 */

import type { DriverClient, DriverFactory } from 'slonik'

export function preparing(inner: DriverFactory): DriverFactory {
  return async asked => {
    const driver = await inner(asked)
    return { createClient: async () => naming(await driver.createClient()) }
  }
}

const firstLine = /^\s*-- prepared: ([a-z-]+)\n/

function naming(client: DriverClient): DriverClient {
  return {
    ...client,
    query(text, values) {
      const name = firstLine.exec(text)?.[1]
      // Below slonik, node-postgres takes a text with its name in the place of a text.
      return client.query(name === undefined ? text : ({ name, text } as never), values)
    },
  }
}
