/**
 * What the sandbox's suppliers of numbers have: apps, countries, operators, at prices near the real
 * ones. The same app and the same country bear the same name at both, under codes of their own.
 *
 * XNA1. Each code stands for one thing; prices and stocks differ between suppliers, and stay.
 */

import { between, hashOf } from './prng.ts'

/** RumahOTP's number, the handler's code, name, price in Indonesia. */
const serviceRows: readonly [number, string, string, number][] = [
  [13, 'wa', 'WhatsApp', 4200],
  [4, 'tg', 'Telegram', 3900],
  [16, 'ig', 'Instagram', 1500],
  [6, 'go', 'Google', 2600],
  [36, 'ka', 'Shopee', 1400],
  [22, 'fb', 'Facebook', 1600],
  [27, 'lf', 'TikTok', 1700],
  [31, 'xd', 'Tokopedia', 1300],
  [40, 'ni', 'Gojek', 2100],
  [41, 'jg', 'Grab', 2000],
  [44, 'ds', 'Discord', 1250],
  [52, 'tw', 'X (Twitter)', 1350],
  [58, 'am', 'Amazon', 1900],
  [63, 'nf', 'Netflix', 2300],
  [70, 'ot', 'Layanan Lain', 1100],
  [77, 'hw', 'DANA', 5200],
]

/** RumahOTP's number, the handler's id, name, prefix, price in hundredths of Indonesia's. */
const countryRows: readonly [number, number, string, string, number, string][] = [
  [6, 6, 'Indonesia', '62812', 100, 'Telkomsel,Indosat,XL,Axis,Tri,Smartfren'],
  [7, 7, 'Malaysia', '6011', 130, 'Maxis,Celcom,DiGi'],
  [4, 4, 'Philippines', '63917', 90, 'Globe,Smart'],
  [22, 22, 'India', '91987', 95, 'Airtel,Jio'],
  [10, 10, 'Vietnam', '84912', 110, 'Viettel,Vinaphone'],
  [52, 52, 'Thailand', '66812', 125, 'AIS,TrueMove'],
  [12, 187, 'USA', '1646', 240, ''],
  [16, 16, 'United Kingdom', '44741', 210, 'O2,Vodafone'],
]

type NumberService = {
  readonly code: number
  readonly word: string
  readonly name: string
  readonly price: number
}
type NumberCountry = {
  readonly number: number
  readonly id: number
  readonly name: string
  readonly prefix: string
  readonly hundredths: number
  readonly operators: readonly string[]
}

export const numberServices: readonly NumberService[] = serviceRows.map(
  ([code, word, name, price]) => ({ code, word, name, price }),
)
export const numberCountries: readonly NumberCountry[] = countryRows.map(
  ([number, id, name, prefix, hundredths, operators]) => ({
    ...{ number, id, name, prefix, hundredths },
    operators: operators === '' ? [] : operators.split(','),
  }),
)

type Lot = { readonly price: number; readonly stock: number; readonly rate: number }

/** What one supplier asks and has; `lot` tells its own sources apart. */
export function lotOf(party: string, service: NumberService, country: NumberCountry, lot = 0): Lot {
  const dice = hashOf(lot, `${party} ${service.word} ${country.name}`)
  // Somewhere, something is always sold out; at home never.
  const isGone = country.hundredths !== 100 && between(dice >>> 3, 0, 20) === 0
  const near = (service.price * country.hundredths) / 100
  return {
    price: Math.round((near * between(dice, 90, 125)) / 5_000) * 50,
    stock: isGone ? 0 : between(dice >>> 5, 15, 900),
    rate: between(dice >>> 7, 55, 98),
  }
}
