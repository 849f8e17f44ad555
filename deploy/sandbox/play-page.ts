/**
 * The page at `/_sandbox/main`: whoever tries the demo plays the outside world here, the app that
 * sends a code by SMS, and the customer who pays a QR. For shop owners, hence in Indonesian.
 *
 * XPL1. It shows who waits, sends what one types, and says in a sentence what came of it.
 */

export const playPage = `<!doctype html><html lang="id"><meta charset="utf-8">
<title>Dunia luar (sandbox)</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
:root{color-scheme:light dark}
body{font:17px/1.55 system-ui,sans-serif;max-width:44rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
section{border:1px solid #8886;border-radius:14px;padding:0 1rem 1rem;margin:1rem 0}
form{display:grid;gap:.6rem}label{display:grid;gap:.2rem}
input,textarea,button{font:inherit;padding:.65rem .8rem;border-radius:10px;border:1px solid #8889;
min-height:44px;box-sizing:border-box;width:100%}
button{background:#0b6b4f;color:#fff;border:0;font-weight:600;cursor:pointer}
button:focus-visible,input:focus-visible,textarea:focus-visible{outline:3px solid #e0a100}
ul{list-style:none;padding:0;margin:.5rem 0}li{margin:.4rem 0}
li button{background:#1b4f8f;text-align:left}
small{opacity:.8}output{display:block;min-height:1.6em;font-weight:600;margin:.5rem 0}
</style>
<h1>Dunia luar</h1>
<p>Di sini kamu pura-pura jadi pihak luar: aplikasi yang mengirim SMS, dan pelanggan yang membayar.
Tidak ada uang sungguhan.</p>

<section aria-labelledby="judul-sms"><h2 id="judul-sms">Kirim SMS ke nomor yang disewa</h2>
<ul id="nomor" aria-live="polite"></ul>
<form id="sms">
<label>Nomor<input name="number" inputmode="tel" required autocomplete="off"></label>
<label>Isi SMS<textarea name="text" rows="2" required></textarea></label>
<button>Kirim SMS</button></form>
<output id="hasil-sms" role="status"></output></section>

<section aria-labelledby="judul-bayar"><h2 id="judul-bayar">Bayar QRIS</h2>
<ul id="deposit" aria-live="polite"></ul>
<form id="bayar">
<label>ID deposit atau teks QR<input name="what" required autocomplete="off"></label>
<label>Jumlah <small>(kosongkan bila sudah ada di QR)</small>
<input name="amount" inputmode="numeric" autocomplete="off"></label>
<button>Bayar</button></form>
<output id="hasil-bayar" role="status"></output></section>

<script>
const at = id => document.getElementById(id)
const code = () => String(Math.floor(100000 + Math.random() * 900000))
const words = () => code() + ' adalah kode verifikasi kamu. Jangan berikan ke siapa pun.'
const sms = at('sms'), pay = at('bayar')
sms.text.value = words()
async function send(path, wish, done) {
  try {
    const answer = await fetch(path, { method: 'POST', body: JSON.stringify(wish) })
    const said = await answer.json()
    return answer.ok ? done : 'Belum bisa: ' + said.wrong
  } catch {
    return 'Sandbox tidak menjawab. Coba lagi sebentar lagi, ya.'
  }
}
const read = path => fetch(path).then(answer => answer.json()).catch(() => null)
async function look() {
  const rows = await read('/_sandbox/numbers')
  const deposits = await read('/_sandbox/payments')
  if (rows === null || deposits === null) return
  const open = deposits.filter(row => row.deposit_id && row.status === 'pending').reverse()
  at('deposit').replaceChildren(...open.slice(0, 10).map(row => {
    const item = document.createElement('li'), button = document.createElement('button')
    button.type = 'button'
    button.textContent = row.deposit_id + ' · Rp' + row.amount.toLocaleString('id-ID')
    button.onclick = () => { pay.what.value = row.deposit_id; pay.amount.value = '' }
    item.append(button)
    return item
  }))
  const list = at('nomor')
  list.replaceChildren(...rows.slice(0, 20).map(row => {
    const item = document.createElement('li'), button = document.createElement('button')
    button.type = 'button'
    const came = row.messages === 0 ? 'menunggu SMS' : row.messages + ' SMS sudah masuk'
    button.textContent = '+' + row.number + ' · ' + row.service + ' · ' + came
    button.onclick = () => { sms.number.value = row.number; sms.text.focus() }
    item.append(button)
    return item
  }))
  if (rows.length === 0) {
    const item = document.createElement('li')
    item.textContent = 'Belum ada nomor yang disewa. Beli dulu satu nomor di halaman demo.'
    list.append(item)
  } else if (sms.number.value === '') sms.number.value = rows[0].number
}
sms.onsubmit = async event => {
  event.preventDefault()
  const wish = { number: sms.number.value, text: sms.text.value }
  at('hasil-sms').textContent = await send('/_sandbox/otp', wish, 'SMS terkirim.')
  sms.text.value = words()
  look()
}
pay.onsubmit = async event => {
  event.preventDefault()
  const what = pay.what.value.trim(), amount = Number(pay.amount.value.replace(/\\D/g, ''))
  const wish = /^0002/.test(what) ? { qr_string: what } : { deposit_id: what }
  if (amount > 0) wish.amount = amount
  at('hasil-bayar').textContent = await send('/_sandbox/pay', wish, 'Sudah dibayar.')
  look()
}
look()
setInterval(look, 3000)
</script>
`
