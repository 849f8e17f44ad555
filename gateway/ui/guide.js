/**
 * "Dari server Anda": commands that run as they are, two ways to say them, and a button to copy.
 */

import { text } from './text.id.js'

const copiedMs = 2_000

export function createGuide({ card, origin }) {
  const commands = {
    'code-rest': restCommand(origin),
    'code-base': `${origin}/h2h/v1`,
    'code-digiflazz': digiflazzCommand(origin),
  }
  for (const [id, command] of Object.entries(commands)) {
    card.querySelector(`#${id}`).textContent = command
  }
  for (const button of card.querySelectorAll('[data-copy]')) {
    button.textContent = text.server.copy
    button.onclick = () => void copy(button, card)
  }
  wireTabs([...card.querySelectorAll('[role=tab]')])
}

/**
 * Reads the demo data; node is there wherever this program is. Each run buys for another number.
 */
const key = `key() { node -p "JSON.parse(fs.readFileSync('\${DATA_DIR:-.data}/demo.json')).reseller.$1"; }`

const restCommand = origin => `${key}
TIME=$(date +%s)
BODY='{"ref_id":"coba-'$TIME'","product_code":"XLD10","destination":"0878'\${TIME#??}'"}'
SIGN=$(printf %s "$TIME.POST./api/v1/transactions.$BODY" |
  openssl dgst -sha256 -hmac "$(key hmac_secret)" -r | cut -d' ' -f1)
curl -s ${origin}/api/v1/transactions \\
  -H 'Content-Type: application/json' \\
  -H "X-Api-Key: $(key hmac_key)" \\
  -H "X-Timestamp: $TIME" \\
  -H "X-Signature: $SIGN" \\
  -d "$BODY"`

const digiflazzCommand = origin => `${key}
NAME=$(key username)
TIME=$(date +%s)
REF=coba-$TIME
SIGN=$(printf %s "$NAME$(key api_key)$REF" | openssl dgst -md5 -r | cut -d' ' -f1)
curl -s ${origin}/h2h/v1/transaction \\
  -H 'Content-Type: application/json' \\
  -d '{"username":"'$NAME'","buyer_sku_code":"XLD10","customer_no":"0878'\${TIME#??}'",
       "ref_id":"'$REF'","sign":"'$SIGN'"}'`

async function copy(button, card) {
  const code = card.querySelector(`#${button.dataset.copy}`)
  const done = (await copied(code)) ? text.server.copied : text.server.copyByHand
  button.textContent = done
  card.querySelector('#copied').textContent = done
  setTimeout(() => {
    button.textContent = text.server.copy
    card.querySelector('#copied').textContent = ''
  }, copiedMs)
}

/** The clipboard is only there on https and localhost; elsewhere the text is left selected. */
async function copied(code) {
  try {
    await navigator.clipboard.writeText(code.textContent)
    return true
  } catch {
    getSelection().selectAllChildren(code)
    return document.execCommand('copy')
  }
}

function wireTabs(tabs) {
  const choose = chosen => {
    for (const tab of tabs) {
      const on = tab === chosen
      tab.setAttribute('aria-selected', String(on))
      tab.tabIndex = on ? 0 : -1
      document.getElementById(tab.getAttribute('aria-controls')).hidden = !on
    }
  }
  tabs.forEach((tab, i) => {
    tab.onclick = () => choose(tab)
    tab.onkeydown = ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key]
      if (step === undefined) return
      const next = tabs[(i + step + tabs.length) % tabs.length]
      choose(next)
      next.focus()
    }
  })
}
