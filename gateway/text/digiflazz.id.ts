/** The Digiflazz dialect, to its buyers. */

export const digiflazzNotes = {
  testingInProduction: 'Mode testing hanya ada di server demo',
  commandUnknown: 'commands tidak dikenal',
  addressUnknown: 'Alamat ini tidak ada: periksa base URL, lalu ulangi dengan ref_id yang sama',
  methodUnknown: 'Kirim dengan POST, dengan ref_id yang sama',
  ticket: (code: number): string => `TIKET ${String(code).padStart(3, '0')}`,
} as const
