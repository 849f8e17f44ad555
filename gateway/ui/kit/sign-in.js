/**
 * The door of an area: a name and a password, and nothing filled in by us; a code where the server
 * asks for one, and where it asks to set that up first, the way there.
 */

import { action, form } from './action.js'
import { fill, h } from './dom.js'
import { field } from './field.js'
import { text } from './text.id.js'

/**
 * `words`: intro, username, empty; `endings` where there is more to say of why one is out.
 * `signIn(name, password, code)` answers like every call. With `factor` an authenticator can be set
 * up by who need not have one.
 */
export const signInPage =
  ({ words: own, signIn, sentenceOf, type = 'text', factor = false }) =>
  doors => {
    const { node, title, enter } = doors
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
    let code = null
    const home = h('p', null, h('a', { href: '/' }, words.home))
    const equip = action(words.equip, () => setUpFactor(), { kind: 'quiet' })
    node.append(
      h('p', { class: 'soft' }, words.intro),
      form([username.node, password.node], act),
      ...(factor ? [equip.button, equip.note] : []),
      home,
    )
    const ended = sessionStorage.getItem('laju.ended')
    if (ended !== null) {
      sessionStorage.removeItem('laju.ended')
      act.say(words.endings?.[ended] ?? words.ended, 'warn')
    }
    queueMicrotask(() => username.control.focus())

    async function enterWith() {
      const [name, word] = [username.control.value.trim(), secret.value]
      if (name === '' || word === '') {
        act.say(words.empty, 'warn')
        return (name === '' ? username.control : secret).focus()
      }
      act.say('')
      const answer = await signIn(name, word, code?.control.value.trim() || undefined)
      if (answer.ok) return enter()
      if (answer.code === 'SECOND_FACTOR_UNSET') return await setUpFactor()
      const isCodeMeant = answer.code?.startsWith('SECOND_FACTOR') ?? false
      if (isCodeMeant && code === null) {
        const { codeField } = await import('./second-factor.js')
        code = codeField()
        password.node.after(code.node)
      }
      act.say(sentenceOf(answer), isCodeMeant ? 'warn' : 'bad')
      const wrong = isCodeMeant ? code.control : secret
      wrong.select()
      wrong.focus()
    }

    async function setUpFactor() {
      const proof = { username: username.control.value.trim(), password: secret.value }
      if (proof.username === '' || proof.password === '') return act.say(words.empty, 'warn')
      const { setUp } = await import('./second-factor.js')
      setUp(node, { proof, sentenceOf, done: again })
    }

    function again() {
      fill(node)
      signInPage({ words: own, signIn, sentenceOf, type, factor })(doors)
    }
  }
