/**
 * First choice: for which app. All of them are fetched once when they are few enough for one
 * answer; else the server seeks while one types.
 */

import { fill, h } from '../kit/dom.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { fits, nothing, pickList, pickRow, searchField } from './picking.js'
import { apps as words } from './text.id.js'

const pageMax = 500
const pauseMs = 250

export function open({ node, title, query, signal }) {
  title(words.title)
  const list = h('div', null, skeleton(8))
  const heard = h('p', { class: 'unseen', role: 'status' })
  let all = null
  let turn = 0
  let timer = 0
  const seeker = searchField({
    ...{ label: words.search, hint: words.hint, word: 'beli', query },
    onTyped(typed) {
      if (all !== null) return show(all.filter(app => fits(app, typed)))
      clearTimeout(timer)
      timer = setTimeout(look, pauseMs)
    },
  })
  node.append(seeker.node, list, heard)
  signal.addEventListener('abort', () => clearTimeout(timer))
  void look()

  async function look() {
    const mine = ++turn
    const typed = seeker.typed()
    list.setAttribute('aria-busy', 'true')
    const asked = new URLSearchParams({
      limit: String(pageMax),
      ...(typed === '' ? {} : { search: typed }),
    })
    const answer = await call('GET', `/api/v1/services?${asked}`)
    if (mine !== turn) return
    list.removeAttribute('aria-busy')
    if (!answer.ok) return fill(list, trouble(answer.sentence, look))
    const { services, next } = answer.data
    if (typed === '' && next === null && services.length > 0) {
      all = services
      return show(all.filter(app => fits(app, seeker.typed())))
    }
    show(services)
  }

  function show(services) {
    if (services.length > 0) {
      fill(list, pickList(words.label, services.map(row)))
      heard.textContent = ''
      return
    }
    if (seeker.typed() === '') return fill(list, trouble(words.none, look))
    const sentence = words.empty(seeker.typed())
    fill(list, nothing(sentence))
    heard.textContent = sentence
  }
}

const row = ({ service_id: id, name, from_price: price, stock }) =>
  pickRow({
    ...{ href: `#/negara/${encodeURIComponent(id)}?nama=${encodeURIComponent(name)}`, name },
    ...{ note: price === null || stock === 0 ? words.soldOut : words.from(price) },
    off: price === null || stock === 0,
  })
