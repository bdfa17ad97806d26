/** What a person reads: grids and lines of plain text. Each format lays out and escapes the same page in its own way. */
export interface Page {
  readonly title: string
  readonly sections: readonly Section[]
}

export type Section = Grid | Lines | Picture

/** A drawing whose data stands in a grid beside it. */
export interface Picture {
  readonly kind: 'picture'
  readonly title: string
  /** For who cannot see it. */
  readonly alt: string
  /** The file's name, beside the page. */
  readonly file: string
  /** The drawing itself, for formats that hold it; our own, so it is not escaped. */
  readonly svg: string
}

export interface Grid {
  readonly kind: 'grid'
  readonly title: string
  /** Headings; the first column names the row. */
  readonly columns: readonly string[]
  readonly groups: readonly GridGroup[]
}

export interface GridGroup {
  /** Empty for rows that stand under no heading. */
  readonly heading: string
  /** `rows[row][column]` */
  readonly rows: readonly (readonly GridCell[])[]
}

export interface GridCell {
  readonly text: string
  /** A second, smaller line: an interval, a count of parameters. */
  readonly detail?: string
}

/** Sentences, one a line: verdicts, notes. */
export interface Lines {
  readonly kind: 'lines'
  readonly title: string
  readonly lines: readonly string[]
}

/**
 * Text from outside (model names, error messages) on one line, with control and direction characters made visible, so that
 * no record can move the cursor, colour the terminal or reorder a line.
 */
export function oneLine(text: string): string {
  return withVisibleControls(text.replaceAll(/\s+/gu, ' ')).trim()
}

/** As `oneLine`, with every space as it stands: for what may be copied, such as a command. */
export function withVisibleControls(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  )
}
