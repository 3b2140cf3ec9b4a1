/** Tables in plain text: columns aligned, no line wider than a terminal usually is. */

/** Columns of the widest line. */
const WIDTH = 100;
/** Blanks between columns. */
const GAP = 2;

/**
 * Lays out a table, one line a row. Where a line would be too wide, texts of the first column are cut in the middle.
 *
 * @param head what stands above each column
 * @param rows as many cells as `head` has
 * @param texts how many columns, from the left, are text; those after them are numbers, aligned to the right
 */
export function layOut(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts: number,
): string[] {
  const lines = [head, ...rows].map((line) => line.map(printable));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  const others = widths.slice(1).reduce((sum, width) => sum + GAP + width, 0);
  const first = Math.min(widths[0] ?? 0, WIDTH - others);
  return lines.map((line) =>
    line
      .map((cell, column) => {
        const text = column === 0 ? cut(cell, first) : cell;
        const blanks = ' '.repeat((column === 0 ? first : (widths[column] ?? 0)) - widthOf(text));
        return column < texts ? text + blanks : blanks + text;
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/** Cuts a text that is wider than `width` columns in its middle, where names differ least. */
function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const characters = Array.from(text);
  let start = '';
  let end = '';
  // One column is for the ellipsis; of those left, the start gets one more if they are odd.
  for (const character of characters) {
    if (widthOf(start + character) > Math.ceil((width - 1) / 2)) break;
    start += character;
  }
  for (const character of characters.reverse()) {
    if (widthOf(start + end + character) > width - 1) break;
    end = character + end;
  }
  return `${start}…${end}`;
}

/** Characters that take two columns: East Asian scripts, and signs shown as pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]/u;
/** Characters that take none: accents that stand on the one before, and joiners. */
const NARROW = /[\p{Mark}\u200b-\u200d]/u;

/** How many columns of a terminal a text takes. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : NARROW.test(character) ? 0 : 1;
  return width;
}

/** The text without what would move the cursor or break the line: names are the user's. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
