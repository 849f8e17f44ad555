/** The door of an area: a name and a password, and nothing filled in by us. */

import { action, form } from './action.js'
import { h } from './dom.js'
import { field } from './field.js'
import { text } from './text.id.js'

/** `words`: intro, username, empty. `signIn(name, password)` answers like every call. */
export const signInPage =
  ({ words: own, signIn, sentenceOf, type = 'text' }) =>
  ({ node, title, enter }) => {
    const words = { ...text.signIn, ...own }
    title(words.title)
    node.classList.add('door')
    const username = field(
      words.username,
      h('input', { type, autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false' }),
    )
    const secret = h('input', { type: 'password', autocomplete: 'current-password' })
    const password = field(words.password, secret)
    const eye = h(
      'button',
      { type: 'button', class: 'quiet eye', 'aria-pressed': 'false' },
      words.show,
    )
    eye.addEventListener('click', () => {
      const shown = secret.type === 'password'
      secret.type = shown ? 'text' : 'password'
      eye.textContent = shown ? words.hide : words.show
      eye.setAttribute('aria-pressed', String(shown))
    })
    secret.after(eye)

    const act = action(words.go, enterWith, { busy: words.busy, submit: true })
    node.append(
      h('p', { class: 'soft' }, words.intro),
      form([username.node, password.node], act),
      h('p', null, h('a', { href: '/' }, words.home)),
    )
    if (sessionStorage.getItem('laju.ended') !== null) {
      sessionStorage.removeItem('laju.ended')
      act.say(words.ended, 'warn')
    }
    queueMicrotask(() => username.control.focus())

    async function enterWith() {
      const [name, word] = [username.control.value.trim(), secret.value]
      if (name === '' || word === '') {
        act.say(words.empty, 'warn')
        return (name === '' ? username.control : secret).focus()
      }
      act.say('')
      const answer = await signIn(name, word)
      if (answer.ok) return enter()
      act.say(sentenceOf(answer))
      secret.select()
      secret.focus()
    }
  }
