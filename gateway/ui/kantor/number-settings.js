/** What the house sets for the number line while it runs. */

import { fill, h } from '../kit/dom.js'
import { rupiah } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { input } from './cells.js'
import { deed, needed } from './deed.js'
import { call } from './desk.js'
import { numberWays, reasonOf, root } from './number-ways.js'
import { ways, settings as words } from './text-number.id.js'

const path = `${root}/number-settings`

const whole = text => (/^\d{1,10}$/.test(text) ? Number(text) : undefined)
whole.says = words.number
/** Empty takes the link away. */
const address = text => (text === '' ? null : text)

const reads = { name: needed, help_url: address }

export function open({ node, title }) {
  title(words.title)
  const body = h('div', null, skeleton(5))
  node.append(numberWays('nomor-pengaturan'), h('p', { class: 'soft' }, words.intro), body)
  void look()

  async function look() {
    const answer = await call('GET', path)
    if (!answer.ok) return fill(body, trouble(answer.sentence, look))
    show(answer.data)
  }

  function show({ version, settings }) {
    const names = Object.keys(words.fields)
    const fields = names.map(name =>
      input(name, words.fields[name], {
        ...{ maxlength: 300, value: String(settings[name] ?? ''), read: reads[name] ?? whole },
        ...(words.notes[name] === undefined ? {} : { note: words.notes[name] }),
        ...(name in reads ? {} : { inputmode: 'numeric' }),
      }),
    )
    fill(
      body,
      h('h2', null, words.now),
      h(
        'dl',
        { class: 'card' },
        names.map(name => line(words.fields[name], saidOf(name, settings[name]))),
      ),
      h(
        'div',
        { class: 'deeds' },
        deed({
          ...{ name: words.save, group: 'admins', method: 'PUT', path, after: look },
          fields: [...fields, input('reason', ways.reason, { maxlength: 300, read: reasonOf })],
          body: ({ reason, ...values }) => ({
            ...Object.fromEntries(
              Object.entries(values).filter(([name, value]) => value !== settings[name]),
            ),
            ...{ version, reason },
          }),
        }),
      ),
    )
  }
}

const saidOf = (name, value) =>
  name === 'refund_alone_max' ? rupiah(value) : (value ?? words.unset)
