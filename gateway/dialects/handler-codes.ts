/**
 * What the handler_api.php protocol calls apps and countries. Its clients have these codes written
 * into them, so a name that it knows gets its code; whatever it never heard of is called as we call
 * it (apps), or by a number of ours (countries).
 *
 * HAC1. A code leads back to where it came from, whatever else stands in the catalogue.
 */

import { appCodes } from '../../services/wire/app-codes.ts'

const named = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

const servicesByCode: Readonly<Record<string, string>> = { ...appCodes, ok: 'OK', hw: 'DANA' }
const otherNames: Readonly<Record<string, string>> = {
  ...{ twitter: 'tw', x: 'tw', googleyoutubegmail: 'go', gmail: 'go', youtube: 'go' },
  ...{ tiktokdouyin: 'lf', instagramthreads: 'ig', chatgpt: 'dr', other: 'ot', anyother: 'ot' },
}

const countryNames: Readonly<Record<number, string>> = {
  ...{ 0: 'Russia', 1: 'Ukraine', 2: 'Kazakhstan', 3: 'China', 4: 'Philippines', 5: 'Myanmar' },
  ...{ 6: 'Indonesia', 7: 'Malaysia', 8: 'Kenya', 9: 'Tanzania', 10: 'Vietnam' },
  ...{ 11: 'Kyrgyzstan', 13: 'Israel', 14: 'Hong Kong', 15: 'Poland', 16: 'United Kingdom' },
  ...{ 17: 'Madagascar', 18: 'DR Congo', 19: 'Nigeria', 20: 'Macao', 21: 'Egypt', 22: 'India' },
  ...{ 23: 'Ireland', 24: 'Cambodia', 25: 'Laos', 26: 'Haiti', 27: 'Ivory Coast', 28: 'Gambia' },
  ...{ 29: 'Serbia', 30: 'Yemen', 31: 'South Africa', 32: 'Romania', 33: 'Colombia' },
  ...{ 34: 'Estonia', 35: 'Azerbaijan', 36: 'Canada', 37: 'Morocco', 38: 'Ghana' },
  ...{ 39: 'Argentina', 40: 'Uzbekistan', 41: 'Cameroon', 42: 'Chad', 43: 'Germany' },
  ...{ 44: 'Lithuania', 45: 'Croatia', 46: 'Sweden', 47: 'Iraq', 48: 'Netherlands' },
  ...{ 49: 'Latvia', 50: 'Austria', 51: 'Belarus', 52: 'Thailand', 53: 'Saudi Arabia' },
  ...{ 54: 'Mexico', 55: 'Taiwan', 56: 'Spain', 57: 'Iran', 58: 'Algeria', 59: 'Slovenia' },
  ...{ 60: 'Bangladesh', 61: 'Senegal', 62: 'Turkey', 63: 'Czech', 64: 'Sri Lanka', 65: 'Peru' },
  ...{ 66: 'Pakistan', 67: 'New Zealand', 68: 'Guinea', 69: 'Mali', 70: 'Venezuela' },
  ...{ 71: 'Ethiopia', 72: 'Mongolia', 73: 'Brazil', 74: 'Afghanistan', 75: 'Uganda' },
  ...{ 76: 'Angola', 77: 'Cyprus', 78: 'France', 79: 'Papua New Guinea', 80: 'Mozambique' },
  ...{ 81: 'Nepal', 82: 'Belgium', 83: 'Bulgaria', 84: 'Hungary', 85: 'Moldova', 86: 'Italy' },
  ...{ 87: 'Paraguay', 88: 'Honduras', 89: 'Tunisia', 90: 'Nicaragua', 91: 'Timor-Leste' },
  ...{ 92: 'Bolivia', 93: 'Costa Rica', 94: 'Guatemala', 95: 'UAE', 96: 'Zimbabwe' },
  ...{ 97: 'Puerto Rico', 99: 'Togo', 100: 'Kuwait', 101: 'El Salvador', 102: 'Libya' },
  ...{ 103: 'Jamaica', 105: 'Ecuador', 107: 'Oman', 109: 'Dominican Republic', 117: 'Portugal' },
  ...{ 129: 'Greece', 151: 'Chile', 172: 'Denmark', 173: 'Switzerland', 174: 'Norway' },
  ...{ 108: 'Bosnia and Herzegovina', 110: 'Syria', 111: 'Qatar', 112: 'Panama', 113: 'Cuba' },
  ...{ 114: 'Mauritania', 115: 'Sierra Leone', 116: 'Jordan', 118: 'Barbados', 120: 'Benin' },
  ...{ 121: 'Brunei', 128: 'Georgia', 140: 'Rwanda', 141: 'Slovakia', 143: 'Tajikistan' },
  ...{ 145: 'Bahrain', 148: 'Armenia', 153: 'Lebanon', 155: 'Albania', 156: 'Uruguay' },
  ...{ 158: 'Bhutan', 159: 'Maldives', 161: 'Turkmenistan', 163: 'Finland', 165: 'Luxembourg' },
  ...{ 183: 'North Macedonia', 188: 'Palestine', 190: 'South Korea', 199: 'Malta', 203: 'Kosovo' },
  ...{ 175: 'Australia', 182: 'Japan', 187: 'USA', 196: 'Singapore' },
}
const otherCountries: Readonly<Record<string, number>> = {
  ...{ england: 16, uk: 16, unitedstates: 187, america: 187, unitedarabemirates: 95 },
  ...{ brunei: 121, bruneidarussalam: 121, korea: 190, macedonia: 183, vietnam: 10, macau: 20 },
  ...{ czechrepublic: 63, czechia: 63, turkiye: 62, filipina: 4, hongkongchina: 14 },
}

const codesByName: ReadonlyMap<string, string> = new Map([
  ...Object.entries(servicesByCode).map(([code, name]) => [named(name), code] as const),
  ...Object.entries(otherNames),
])
const countriesByName: ReadonlyMap<string, number> = new Map([
  ...Object.entries(countryNames).map(([id, name]) => [named(name), Number(id)] as const),
  ...Object.entries(otherCountries),
])

type Service = { readonly serviceId: string; readonly name: string }
type Country = { readonly countryId: string; readonly name: string }

/** Codes of these apps; of two with one name the first has it. */
export function serviceCodes<S extends Service>(services: readonly S[]): ReadonlyMap<string, S> {
  const byCode = new Map<string, S>()
  const others: S[] = []
  for (const service of services) {
    const code = codesByName.get(named(service.name)) ?? codesByName.get(named(service.serviceId))
    if (code !== undefined && !byCode.has(code)) byCode.set(code, service)
    else others.push(service)
  }
  for (const service of others) {
    const code = service.serviceId.toLowerCase()
    byCode.set(byCode.has(code) ? `${code}_` : code, service)
  }
  return byCode
}

/** Numbers of these countries, and those that have none. */
export function countryNumbers<C extends Country>(countries: readonly C[]) {
  const byNumber = new Map<number, C>()
  const others: C[] = []
  for (const country of countries) {
    const id =
      countriesByName.get(named(country.name)) ?? countriesByName.get(named(country.countryId))
    if (id !== undefined && !byNumber.has(id)) byNumber.set(id, country)
    else others.push(country)
  }
  return { byNumber, others }
}
