/** The way from one page of the number line to the others, and what they all need. */

import { h } from '../kit/dom.js'
import { may } from './desk.js'
import { numberPlaces } from './number-places.js'
import { ways } from './text-number.id.js'

/** Not everybody sees what is earned. */
const groupOf = Object.fromEntries(
  ['nomor-harga', 'nomor-laba', 'nomor-deposit', 'nomor-pemasok', 'nomor-nama'].map(one => [
    one,
    'payers',
  ]),
)

export function numberWays(here) {
  const node = h(
    'div',
    { class: 'tabs', role: 'navigation', 'aria-label': ways.label },
    numberPlaces
      .filter(place => may(groupOf[place]))
      .map(place =>
        h(
          'a',
          { href: `#/${place}`, 'aria-current': place === here ? 'page' : null },
          ways.names[place],
        ),
      ),
  )
  // Once it stands in its page; on a phone not all of them are seen.
  requestAnimationFrame(() => {
    const chosen = node.querySelector('[aria-current]')
    if (chosen === null) return
    node.scrollLeft = chosen.offsetLeft - (node.clientWidth - chosen.offsetWidth) / 2
  })
  return node
}

export const root = '/api/v1/admin'
export const reasonOf = text => (text.length < 5 ? undefined : text)
reasonOf.says = ways.reasonShort
