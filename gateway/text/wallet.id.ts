/** Money: wallets, deposits, transfers, the cash desk, commission. */

import type { IntentStatus } from '../../services/contract/deposit.ts'
import type { MutationRow } from '../../services/contract/wallet.ts'

export const mutationText: Readonly<Record<MutationRow['kind'], string>> = {
  order: 'Pembelian',
  release: 'Pengembalian dana tertahan',
  refund: 'Pengembalian dana',
  deposit: 'Deposit',
  transfer: 'Transfer saldo',
  commission: 'Komisi',
}

export const walletOkText = {
  balance: 'Saldo Anda saat ini.',
  mutations: 'Mutasi saldo Anda.',
} as const

/** Deposits, transfers and the cash desk. */
export const moneyOkText = {
  ticket: 'Silakan transfer tepat sebesar pay_exactly sebelum batas waktu.',
  tickets: 'Tiket deposit Anda.',
  cancelled: 'Tiket deposit dibatalkan.',
  transfer: 'Transfer saldo berhasil.',
  desk: 'Baik, tercatat.',
  tried: 'Mutasi diperiksa; belum ada yang dicatat. Kirim dry_run=false untuk mencatatnya.',
  closings: 'Tutup buku harian.',
  credit: 'Piutang dan batas kredit.',
  intents: 'Isi saldo lewat penyedia pembayaran.',
  payout: 'Pencairan dari penyedia tercatat.',
} as const

/** Paying in through a payment gateway. */
export const depositOkText = {
  methods: 'Cara isi saldo yang tersedia.',
  history: 'Riwayat isi saldo Anda.',
  one: 'Isi saldo Anda.',
  cancelled: 'Isi saldo dibatalkan. Tidak ada dana yang berpindah.',
  quoted: 'Biaya pencairan instan untuk isi saldo ini.',
  taken: 'Baik, pencairan instan diproses.',
} as const

/** How a deposit stands that was asked for, or that was to be given up: money may have come. */
export const depositStandText: Readonly<Record<IntentStatus, string>> = {
  pending: 'Silakan dibayar sebelum waktunya habis, ya.',
  processing: 'Pembayaran sudah kami terima dan sedang diproses.',
  success: 'Pembayaran sudah kami terima, dan saldo sudah bertambah.',
  expired: 'Waktu bayarnya sudah habis. Silakan buat isi saldo yang baru.',
  cancel: 'Isi saldo ini tidak jadi. Silakan buat yang baru.',
  checking: 'Masih kami pastikan ke penyedia pembayaran. Lihat lagi sebentar, ya.',
}

export const commissionOkText = {
  earned: 'Berikut komisi Anda.',
  history: 'Berikut riwayat aturan komisi.',
  preview: 'Beginilah komisi transaksi ini menurut aturan tersebut; tidak ada yang dibayarkan.',
  upline: 'Upline tersimpan.',
} as const
