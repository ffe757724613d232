"""What pages do to the browser's own parts, by accident or on purpose: each row is one page, and what stands on it."""

from dataclasses import dataclass
from typing import Literal

Labels = Literal["all", "the server's"]
Report = Literal["dialog", "other way"]


@dataclass(frozen=True)
class Hostility:
    """`labels`, `report`: what stands where it was done before the tag ran. Done later, all labels stand.

    "other way": a report goes out by the plain form, to which control or dialog lead. `later`: what then becomes of it;
    None: it was not tried. `loud`: the page's own broken part complains in its log.
    """

    name: str
    script: str = ""
    html: str = ""
    labels: Labels = "all"
    report: Report = "dialog"
    later: Report | None = "dialog"
    loud: bool = False


THROWS = "() => { throw Error('hostile') }"


def broken(place: str) -> str:
    return f"{place} = {THROWS}"


def hidden(place: str, *names: str) -> str:
    """Reading these members throws."""
    return ";".join(
        f"Object.defineProperty({place}, '{name}', {{ get: {THROWS}, set: {THROWS}, configurable: true }})"
        for name in names
    )


def polluted(name: str) -> str:
    """Every object of the page has this member."""
    own = "{ __proto__: null, value, writable: true, enumerable: true, configurable: true }"
    return (
        f"Object.defineProperty(Object.prototype, '{name}', {{ __proto__: null, configurable: true, enumerable: true,"
        f" get: () => 'hostile', set(value) {{ Object.defineProperty(this, '{name}', {own}) }} }})"
    )


def images(*names: str) -> str:
    """Elements that stand where `document` is asked for something else."""
    return "".join(f'<img name="{name}" id="{name}" src="https://elsewhere.example/widget/x.js">' for name in names)


def around(*names: str) -> str:
    fields = "".join(f'<input name="{name}">' for name in names)
    return f"<form>{fields}<p data-machine-generated>In a form.</p></form>"


NODES = (
    "assignedSlot attributes children className closest contains dataset getAttribute getRootNode host isConnected"
    " localName matches nodeType parentElement parentNode prepend querySelector querySelectorAll shadowRoot textContent"
)
HARMLESS = (
    "__ attributes audience box copyNotice decided delegatesFocus en enumerable get gone lang met model near once"
    " receipt refresh review set site subtle theme toJSON undefined value verdict viewer words writable"
).split()

PAGES = [
    Hostility("nothing"),
    *(Hostility(f"Object.prototype.{name}", polluted(name)) for name in HARMLESS),
    # Options of `fetch`; and those of attachShadow and the observers.
    *(
        Hostility(f"Object.prototype.{name}", polluted(name), report="other way", later="other way")
        for name in ("headers", "method", "mode", "signal")
    ),
    *(
        Hostility(f"Object.prototype.{name}", polluted(name), labels="the server's", report="other way")
        for name in ("root", "threshold")
    ),
    Hostility("Object.prototype.slotAssignment", polluted("slotAssignment"), labels="the server's"),
    Hostility("arrays with names of their own", "Array.prototype.first = function () { return this[0] }"),
    Hostility(
        "Array.prototype.toJSON of an old library", "Array.prototype.toJSON = function () { return '[' + this + ']' }"
    ),
    Hostility("Array.prototype.forEach", broken("Array.prototype.forEach"), loud=True),
    Hostility("Array.prototype.filter", broken("Array.prototype.filter"), loud=True),
    Hostility("Array.prototype.push", broken("Array.prototype.push"), report="other way", later="other way"),
    Hostility(
        "the iterator of arrays",
        broken("Array.prototype[Symbol.iterator]"),
        labels="the server's",
        report="other way",
        later="other way",
        loud=True,
    ),
    Hostility("XMLHttpRequest", broken("window.XMLHttpRequest")),
    Hostility("fetch", broken("window.fetch"), report="other way", later="other way"),
    Hostility(
        "a fetch that answers nonsense",
        "window.fetch = async () => new Response('<p>Hello')",
        report="other way",
        later="other way",
    ),
    Hostility("JSON.parse", broken("JSON.parse")),
    Hostility("JSON.stringify", broken("JSON.stringify"), report="other way", later="other way"),
    Hostility("Promise", broken("window.Promise"), report="other way", later="other way"),
    Hostility("Blob", broken("window.Blob")),
    Hostility("crypto.randomUUID", broken("crypto.randomUUID")),
    Hostility("crypto.subtle.digest", broken("crypto.subtle.digest")),
    Hostility("crypto.getRandomValues", broken("crypto.getRandomValues"), report="other way", later="other way"),
    Hostility("navigator.locks.query", broken("navigator.locks.query")),
    Hostility("no storage", hidden("window", "localStorage", "sessionStorage"), later=None),
    Hostility("Storage.prototype.setItem", broken("Storage.prototype.setItem")),
    Hostility("attachShadow", broken("Element.prototype.attachShadow"), labels="the server's"),
    Hostility("innerText", hidden("HTMLElement.prototype", "innerText")),
    Hostility("IntersectionObserver", broken("window.IntersectionObserver"), labels="the server's", report="other way"),
    Hostility("MutationObserver", broken("window.MutationObserver"), labels="the server's", report="other way"),
    Hostility(
        "observers that see nothing",
        "for (const name of ['IntersectionObserver', 'MutationObserver'])"
        " window[name] = class { observe() {} unobserve() {} }",
    ),
    Hostility("Symbol", broken("window.Symbol"), labels="the server's", report="other way"),
    Hostility("console.warn", broken("console.warn")),
    Hostility(
        "images called like parts of document",
        html=images(*"addEventListener body cookie currentScript documentElement elementFromPoint head hidden".split())
        + images(*"getElementById implementation querySelector querySelectorAll readyState".split()),
    ),
    Hostility("an image called createElement", html=images("createElement"), report="other way", loud=True),
    Hostility(
        "links called like parts of the window",
        html="".join(f'<a id="{name}">.</a>' for name in ("customElements", "fetch", "localStorage", "self", "URL")),
    ),
    *(Hostility(f"a form around it whose {name} is a field", html=around(name)) for name in NODES.split()),
    Hostility("a form around it with many such fields", html=around(*NODES.split())),
    Hostility(
        "a language that is a word of the browser's",
        html="".join(f'<p data-machine-generated lang="{it}">It.</p>' for it in ("constructor", "__proto__")),
    ),
    Hostility(
        "a language that is the way to other words of ours",
        html="".join(
            f'<p data-machine-generated lang="{it}">It.</p>' for it in ("dialog/en", "../words/dialog/en", "en/..")
        ),
    ),
]
