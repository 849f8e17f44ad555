/**
 * What suppliers of rented numbers offer, as rows: only what changed is written. How fresh it is
 * stands once per supplier, with the exceptions: services and countries that were not answered for.
 */

import { type DatabasePool, moment, sql, z } from '../database.ts'

const offerRow = z.object({
  supplier: z.string(),
  offer: z.string(),
  service: z.string(),
  serviceName: z.string(),
  country: z.string(),
  countryName: z.string(),
  theirService: z.string(),
  theirCountry: z.string(),
  operators: z.array(z.object({ id: z.string(), name: z.string(), theirs: z.string() })),
  cost: z.number().int(),
  stock: z.number().int(),
  successRate: z.number().int().nullable(),
})
export type OfferRecord = z.infer<typeof offerRow>

/** Since when something was not answered for, by their code; in unix milliseconds. */
const lateSince = z.record(z.string(), z.number())
const freshRow = z.object({
  supplier: z.string(),
  refreshedAt: z.number(),
  lateServices: lateSince,
  lateCountries: lateSince,
})
export type FreshRecord = z.infer<typeof freshRow>

export async function readNumberOffers(
  pool: DatabasePool,
): Promise<{ readonly offers: readonly OfferRecord[]; readonly fresh: readonly FreshRecord[] }> {
  return await pool.transaction(async snapshot => {
    await snapshot.query(sql.type(z.object({}))`
      set transaction isolation level repeatable read, read only`)
    return {
      offers: await snapshot.any(sql.type(offerRow)`
        select supplier, offer, service, service_name as "serviceName", country,
               country_name as "countryName", their_service as "theirService",
               their_country as "theirCountry", operators, cost, stock,
               success_rate as "successRate"
          from number_offer order by supplier, offer`),
      fresh: await snapshot.any(sql.type(freshRow)`
        select supplier, (extract(epoch from refreshed_at) * 1000)::float8 as "refreshedAt",
               late_services as "lateServices", late_countries as "lateCountries"
          from number_catalogue`),
    }
  })
}

const rowsPerStatement = 2_000

type OfferChanges = {
  readonly fresh: FreshRecord
  readonly written: readonly OfferRecord[]
  /** Their names of offers that are no more. */
  readonly gone: readonly string[]
}

/** All of it or nothing. */
export async function writeNumberOffers(
  pool: DatabasePool,
  { fresh, written, gone }: OfferChanges,
): Promise<void> {
  const { supplier, refreshedAt, lateServices, lateCountries } = fresh
  await pool.transaction(async transaction => {
    for (let at = 0; at < gone.length; at += rowsPerStatement) {
      const names = gone.slice(at, at + rowsPerStatement)
      await transaction.query(sql.type(z.object({}))`
        delete from number_offer
         where supplier = ${supplier} and offer = any(${sql.array(names, 'text')})`)
    }
    for (let at = 0; at < written.length; at += rowsPerStatement) {
      const rows = written.slice(at, at + rowsPerStatement)
      await transaction.query(sql.type(z.object({}))`
        insert into number_offer (supplier, offer, service, service_name, country, country_name,
                                  their_service, their_country, operators, cost, stock,
                                  success_rate)
        select * from ${sql.unnest(
          rows.map(row => [
            ...[row.supplier, row.offer, row.service, row.serviceName, row.country],
            ...[row.countryName, row.theirService, row.theirCountry],
            ...[JSON.stringify(row.operators), row.cost, row.stock, row.successRate],
          ]),
          [
            ...(['text', 'text', 'text', 'text', 'text', 'text', 'text', 'text'] as const),
            ...(['jsonb', 'int8', 'int8', 'int4'] as const),
          ],
        )} as told
        on conflict (supplier, offer) do update
           set service = excluded.service, service_name = excluded.service_name,
               country = excluded.country, country_name = excluded.country_name,
               their_service = excluded.their_service, their_country = excluded.their_country,
               operators = excluded.operators, cost = excluded.cost, stock = excluded.stock,
               success_rate = excluded.success_rate`)
    }
    await transaction.query(sql.type(z.object({}))`
      insert into number_catalogue (supplier, refreshed_at, late_services, late_countries)
      values (${supplier}, ${moment(refreshedAt)},
              ${JSON.stringify(lateServices)}::jsonb, ${JSON.stringify(lateCountries)}::jsonb)
      on conflict (supplier) do update
         set refreshed_at = excluded.refreshed_at, late_services = excluded.late_services,
             late_countries = excluded.late_countries`)
  })
}

const figureRow = z.object({
  supplier: z.string(),
  service: z.string(),
  country: z.string(),
  bought: z.number().int(),
  coded: z.number().int(),
})
export type FigureRecord = z.infer<typeof figureRow>

/** Of numbers that ended since: how many were bought, and how many of them got a code. */
export async function readNumberFigures(
  pool: DatabasePool,
  sinceMs: number,
): Promise<readonly FigureRecord[]> {
  return await pool.any(sql.type(figureRow)`
    select supplier, service, country, count(*) as bought,
           count(*) filter (where codes > 0) as coded
      from number_view
     where their_id is not null and dies_at > ${moment(sinceMs)}
       and (codes > 0 or not is_open)
     group by supplier, service, country
     limit 100000`)
}
