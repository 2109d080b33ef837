"""A composed handbook as a Typst document: the same headings, texts, lists and tables, set by another program."""

from html.parser import HTMLParser

HEAD = """#set page(paper: "a4", margin: (top: 25mm, right: 22mm, bottom: 22mm, left: 24mm),
  header: [International IP Service Hall], footer: context [#counter(page).display("1 / 1", both: true)])
#set text(font: ("Noto Sans", "Noto Sans CJK SC"), size: 9.5pt, lang: "LANG")
#set table(stroke: (bottom: 0.3pt))
#show heading.where(level: 1): it => { pagebreak(weak: true); text(size: 21pt, it) }
#outline(depth: 1)
"""
BLOCKS = {"p", "dt", "dd", "blockquote", "div"}


class Typesetter(HTMLParser):
    """Collects the text of the sections as Typst markup; without cover and contents, which Typst makes itself."""

    def __init__(self) -> None:
        super().__init__()
        self.out: list[str] = []
        self._inside = False
        self._rows: list[list[str]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = dict(attrs).get("class") or ""
        if tag == "section":
            self._inside = classes not in ("cover", "contents") and not classes.startswith("contents")
        if not self._inside:
            return
        if tag in ("h1", "h2", "h3"):
            self.out.append(f"\n\n{'=' * int(tag[1])} ")
        elif tag == "li":
            self.out.append("\n- ")
        elif tag == "table":
            self._depth += 1
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append("")
        elif tag in BLOCKS and not self._depth:
            self.out.append("\n\n")
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == "table":
            self._depth -= 1
            self.out.append(self._table())
        if tag in ("ul", "ol", "h1", "h2", "h3") and self._inside:
            self.out.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            return
        text = "".join(f"\\{sign}" if sign in "\\#$*_`<>@=-+/[]~'\"" else sign for sign in " ".join(data.split()))
        if self._depth and self._rows and self._rows[-1]:
            self._rows[-1][-1] += f" {text}" if text else ""
        elif not self._depth:
            self.out.append(f"{text} " if text else "")

    def _table(self) -> str:
        columns = max((len(row) for row in self._rows), default=0)
        if not columns:
            return ""
        cells = [f"[{cell}]" for row in self._rows for cell in (*row, *[""] * (columns - len(row)))]
        return f"\n\n#table(columns: (1fr,) * {columns}, {', '.join(cells)})\n\n"


def typst_of(html: str, language: str) -> str:
    """Return the text of a composed handbook as a Typst document."""
    typesetter = Typesetter()
    typesetter.feed(html.partition("<body>")[2])
    return HEAD.replace("LANG", language) + "".join(typesetter.out)
