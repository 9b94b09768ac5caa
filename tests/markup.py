"""Forty hostile pieces of text, and what a browser makes of a piece of HTML."""

from __future__ import annotations

from html.parser import HTMLParser

FAR = "http://evil.invalid/x"
RUN = "window.__ran=1"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"<script src={FAR}></script>",
    f"<img src={FAR}>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><image href={FAR}></svg>",
    f"<video src={FAR} autoplay></video>",
    f"<audio src={FAR} autoplay>",
    f"<iframe src={FAR}></iframe>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<object data={FAR}></object>",
    f"<embed src={FAR}>",
    f"<form action={FAR}><input type=submit autofocus onfocus={RUN}></form>",
    f"<link rel=stylesheet href={FAR}>",
    f"<style>@import '{FAR}'; body {{ display: none }}</style>",
    f"<base href={FAR}>",
    f"<meta http-equiv=refresh content='0;url={FAR}'>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<input onfocus={RUN} autofocus>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<a href=javascript:{RUN}>x</a>",
    f"<a href='data:text/html,<script>{RUN}</script>'>x</a>",
    f"<math><mtext></p><script>{RUN}</script></math>",
    f"<custom-tag onclick={RUN}>x</custom-tag>",
    f"</textarea></title><script>{RUN}</script>",
    f"<!-- --!><img src={FAR}><!--",
    f"<![CDATA[><img src={FAR}>]]>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;img src={FAR}&#62;",
    f"' onmouseover='{RUN}",
    f'" onmouseover="{RUN}" x="',
    f"![x]({FAR})",
    f"[x](javascript:{RUN})",
    f"<{FAR}>",
    f"[1]: {FAR} 'x'",
    f"$$\\href{{javascript:{RUN}}}{{x}}$$",
    f"${{{RUN}}} {{{{{RUN}}}}} `{RUN}`",
    f"\u202e<img src={FAR}>gpj.txt",
]

# All that the page itself writes; anything else came out of a text.
OURS = set(
    "p a ol ul li div span mark article section footer header details summary blockquote bdi button h1 h2 h3 pre "  # noqa: SIM905
    "table thead tbody tr th td dl dt dd strong em code q br input svg path".split()
)
ATTRIBUTES = set(
    "class href id data-cite data-turn data-md data-of data-current data-view dir role tabindex type title scope "  # noqa: SIM905
    "aria-label aria-hidden aria-level aria-pressed data-do data-edit data-words data-again data-rate data-note "
    "data-back data-close-why data-keep maxlength placeholder value "
    "viewbox width height fill stroke stroke-width stroke-linejoin d".split()
)


class Reader(HTMLParser):
    """What a browser makes of a piece of HTML: its tags with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment came through: {data}")

    def handle_decl(self, decl):
        raise AssertionError(f"a declaration came through: {decl}")
