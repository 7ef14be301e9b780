// Tables for spreadsheets.

/** Text that a spreadsheet would take for a formula is told to be text. */
function cell(value: string | number | null | undefined): string {
  const text = String(value ?? '');
  const plain = typeof value !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

export type Row = (string | number | null | undefined)[];

/** Lines of cells; the mark at the beginning makes spreadsheets read Chinese. */
export function csv(rows: Row[]): Blob {
  return new Blob([`\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`], { type: 'text/csv;charset=utf-8' });
}

/** Has the browser save a file. */
export function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
