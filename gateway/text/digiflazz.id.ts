/** The Digiflazz dialect, to its buyers. */

export const digiflazzNotes = {
  testingInProduction: 'Mode testing hanya ada di server demo',
  commandUnknown: 'commands tidak dikenal',
  ticket: (code: number): string => `TIKET ${String(code).padStart(3, '0')}`,
} as const
