import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {html} from '../../src/report/html.ts'
import {latex} from '../../src/report/latex.ts'
import {markdown} from '../../src/report/markdown.ts'
import type {GridCell, Page} from '../../src/report/page.ts'
import {terminal} from '../../src/report/terminal.ts'

const HOSTILE = [
  '<script>alert(1)</script>',
  'a | b\nc',
  '\u001b[31mred\u001b[0m\u0007',
  '\\input{/etc/passwd} $x_1^2$ 50% & #1 ~ {}',
  '[click](javascript:alert(1)) ![x](http://example.org/y.png) https://example.org www.example.org',
  '"onmouseover="alert(1)',
  'ab\u202Egnp.exe',
  '**bold** `code` @someone #1',
]

function pageOf(text: string): Page {
  const row = [
    {text, detail: text},
    {text: '0.50/not judged', detail: '[0.40, 0.60]'},
  ]
  return {
    title: text,
    sections: [
      {kind: 'grid', title: text, columns: ['model', text], groups: [{heading: text, rows: [row]}]},
      {kind: 'lines', title: 'Notes', lines: [text]},
    ],
  }
}

describe('every format', () => {
  const formats = {terminal, markdown, latex, html}
  const anyText = fc.string({unit: 'binary', maxLength: 60})

  it.each(Object.entries(formats))(
    '%s keeps the count of lines whatever the text of a cell',
    (name, format) => {
      // Wrapping adds lines to terminal text alone, so there short words stand in.
      const words = name === 'terminal' ? anyText.map((text) => text.slice(0, 2)) : anyText
      fc.assert(
        fc.property(words, (text) => {
          expect(format(pageOf(`x${text}`)).split(/\r\n|[\n\r\u2028\u2029]/).length).toBe(
            format(pageOf('x')).split('\n').length,
          )
        }),
      )
    },
  )

  it.each(Object.entries(formats))(
    '%s passes no control character and no change of direction',
    (_, format) => {
      for (const text of HOSTILE) expect(format(pageOf(text))).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    },
  )
})

describe('terminal', () => {
  it('never prints a line of more than 100 columns', () => {
    const wide = (columns: number): Page => ({
      title: 'wide',
      sections: [
        {
          kind: 'grid',
          title: '',
          columns: ['model', ...Array.from({length: columns}, (_, index) => `task-${index}`)],
          groups: [
            {
              heading: '',
              rows: [[{text: 'm'.repeat(130)}, ...Array(columns).fill({text: '0.50/not judged'})]],
            },
          ],
        },
      ],
    })
    for (const columns of [0, 1, 4, 5, 6, 13])
      expect(
        Math.max(
          ...terminal(wide(columns))
            .split('\n')
            .map((line) => line.length),
        ),
      ).toBeLessThanOrEqual(100)
  })

  it('aligns columns under wide characters', () => {
    const page: Page = {
      title: 't',
      sections: [
        {
          kind: 'grid',
          title: '',
          columns: ['model', 'xsum'],
          groups: [
            {
              heading: '',
              rows: [
                [{text: '模型'}, {text: '0.10'}],
                [{text: 'abcd'}, {text: '0.20'}],
              ],
            },
          ],
        },
      ],
    }
    expect(terminal(page)).toContain('  模型           0.10\n  abcd           0.20')
  })
})

describe('markdown', () => {
  it('escapes what would make a column, a tag, a link or a mention', () => {
    const text = markdown(pageOf('a|b<i>c</i> [l](https://example.org) @me'))
    expect(text).toContain('a\\|b&lt;i&gt;c&lt;/i&gt; \\[l\\](https&#58;//example.org) \\@me')
  })
})

describe('html', () => {
  it('has no tag, attribute or script that a text brought in', () => {
    for (const text of HOSTILE) {
      const tags = [...html(pageOf(text)).matchAll(/<\/?([a-z0-9]+)/g)].map((match) => match[1])
      expect(tags).toEqual([...html(pageOf('x')).matchAll(/<\/?([a-z0-9]+)/g)].map((match) => match[1]))
    }
  })

  it('escapes quotes', () => {
    expect(html(pageOf(`"a" 'b'`))).toContain('&quot;a&quot; &#39;b&#39;')
  })
})

describe('latex', () => {
  it('escapes every special character', () => {
    expect(latex(pageOf('\\x{y}$&#%_~^'))).toContain(
      '\\textbackslash{}x\\{y\\}\\$\\&\\#\\%\\_\\textasciitilde{}\\textasciicircum{}',
    )
  })

  it('names what pdflatex has no letter for', () => {
    expect(latex(pageOf('模型 café – 😀'))).toContain('{[}U+6A21{]}{[}U+578B{]} café – {[}U+1F600{]}')
  })

  it('keeps an interval at the start of a row from being an option of the line break before it', () => {
    const cell: GridCell = {text: '[0.1, 0.2]'}
    const page: Page = {
      title: 't',
      sections: [{kind: 'grid', title: '', columns: ['a'], groups: [{heading: '', rows: [[cell], [cell]]}]}],
    }
    expect(latex(page)).toContain('    {[}0.1, 0.2{]} \\\\')
  })
})
