/**
 * Replies in the owner's words: text with OtomaX's placeholders, filled in one pass.
 *
 *   'SN: [sn]' + { sn: '123' }  ─▶  'SN: 123'
 *
 * CHB1. A value is never read as a template again, whatever a supplier put into a serial number.
 * CHB2. What is no placeholder of ours stays as it was typed, and the preview names it.
 * CHB3. There is no value for [pin]: a template that asks for it is refused, as is one too long.
 */

import { exampleValues, type TemplateName, templates } from './text.id.ts'

export type Values = Readonly<Record<string, string | number>>

const place = /\[([a-z]{2,20})\]/gi
const lengthMax = 1_000

export function fill(template: string, values: Values): string {
  return template.replace(place, (typed, name: string) => {
    const value = values[name.toLowerCase()]
    if (value === undefined) return name.toLowerCase() in exampleValues ? '' : typed
    return typeof value === 'number' ? rupiah(value) : value
  })
}

export function preview(template: string): { text: string; unknown: string[] } {
  const names = [...template.matchAll(place)].map(([, name]) => name!.toLowerCase())
  const unknown = [...new Set(names.filter(name => !(name in exampleValues)))]
  return { text: fill(template, exampleValues), unknown }
}

/** Why it can't be used, or null. */
export function problemOf(template: string): 'empty' | 'too_long' | 'control' | 'pin' | null {
  if (template.trim() === '') return 'empty'
  if (template.length > lengthMax) return 'too_long'
  if (template.includes('\0')) return 'control'
  return /\[pin\]/i.test(template) ? 'pin' : null
}

export const isTemplate = (name: string): name is TemplateName => Object.hasOwn(templates, name)

/** 1234567 as people write it: 1.234.567. */
export const rupiah = (amount: number): string => String(amount).replace(/\B(?=(?:\d{3})+$)/g, '.')

/** Day and minute in Jakarta. */
export function wib(at: number): string {
  const [date, time] = new Date(at + 7 * 3_600_000).toISOString().split('T') as [string, string]
  return `${date.slice(8)}/${date.slice(5, 7)} ${time.slice(0, 5)}`
}
