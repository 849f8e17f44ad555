/** What can be written of a merchant, as fields that a deed reads. */

import { choice, input } from './cells.js'
import { devices, merchants as words } from './text.id.js'

const criteria = ['UMI', 'UKE', 'UME', 'UBE', 'URE'].map(one => [one, one])
const most = { qr_name: 25, city: 15, postal_code: 10, mcc: 4, nmid: 15, template: 200 }
const whole = text => (/^\d{1,2}$/.test(text) ? Number(text) : undefined)

/** `merchant`: how it stands; only what differs from it is wished. */
export function merchantFields(merchant, names = Object.keys(words.fields)) {
  return names.map(name => {
    const label = words.fields[name]
    const value = merchant[name] ?? ''
    if (name === 'criteria') return choice(name, label, criteria, { value: value || 'UMI' })
    if (name === 'lang') {
      return choice(name, label, Object.entries(devices.languages), { value: value || 'id' })
    }
    if (name === 'account_number') {
      const note = words.accountNote(merchant.account_hint ?? '')
      return withWrong(input(name, label, { inputmode: 'numeric', maxlength: 40, note }))
    }
    const note = words.notes[name]
    const more = {
      ...(name === 'settle_days' ? { inputmode: 'numeric', read: whole } : {}),
      ...(note === undefined ? {} : { note }),
    }
    return withWrong(
      input(name, label, { maxlength: most[name] ?? 100, value: String(value), ...more }),
    )
  })
}

const withWrong = made => ({ ...made, wrong: words.wrong[made.name] })

export const differing = (values, merchant) =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== merchant[name]))
