/**
 * Postgres keeps locks for us that belong to no row, under a pair of numbers or under a text. All
 * of them stand here, for two that mean different things may not have one name. Migrations and
 * queries can't read this file and write their numbers out: these are here too.
 *
 *   (class, key)   one class per meaning; its key is a small number, or a hash of who it is about
 *   a text         the first words say what it is about: two of those hardly ever meet
 *
 * ALK1. No two meanings share a class, nor a key within one.
 * ALK2. Whoever takes such a lock has its number from here, or is SQL and is named here.
 *
 * What a number means does not change: in a rolling upgrade the program before this one still
 * takes its locks by the numbers that it knew. (Tickets once had the holders' class, where one of
 * them would have waited for a process whose number is the hash of a client. They could move: two
 * programs that do not wait for each other give a client a ticket too many, of another amount.)
 */

import { none, sql } from './database.ts'

/** One of each in a database: class and key. */
export const oneOf = {
  /** Shared by every write of the journal (migrations 0001 and 0009), alone for a takeover. */
  journal: [7221, 1],
  /** Who applies migrations. */
  migrations: [7221, 2],
  /** The end of the chain of what people did (migration 0036). */
  audit: [7221, 5],
  /** Who says where money of an acquirer's callback is booked. */
  callbacks: [7221, 6],
  /** Who sets an upline (migration 0021). */
  uplines: [7226, 1],
} as const

/** One for each of many: the class; the key is a hash of a name, or the number of a process. */
export const classOf = {
  /** Of each process that may hold leases, while it lives (queries/engine-running.sql asks). */
  holder: 7222,
  /** The codes of a bank account for one amount. */
  codes: 7223,
  /** What a person moves without a second one. */
  person: 7224,
  /** What a client may transfer on a day. */
  transfers: 7225,
  /** The open tickets of a client. */
  tickets: 7227,
} as const

/** Held to the end of the write that asks for it. */
export const lockOf = (what: Exclude<keyof typeof classOf, 'holder'>, name: string) =>
  sql.type(none)`select pg_advisory_xact_lock(${classOf[what]}, hashtext(${name}))`

/** The same under a text, whose first words say what it is about. */
export const lockNamed = (name: `number rental ${string}` | `number dialect ${string}`) =>
  sql.type(none)`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`

/** Persons decide about callbacks one at a time. */
export const lockCallbacks = () =>
  sql.type(none)`select pg_advisory_xact_lock(${oneOf.callbacks[0]}, ${oneOf.callbacks[1]})`

/** Who asks a supplier for its prices. */
export const lockPriceSync = (supplier: string) =>
  sql.type(none)`select pg_advisory_xact_lock(hashtext('price_sync'), hashtext(${supplier}))`
