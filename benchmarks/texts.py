"""1 KB of text in each format that `render` takes."""

LENGTH = 1024


def _long(passage: str) -> str:
    return (passage * (LENGTH // len(passage))).ljust(LENGTH, ".")


TEXTS = {
    "text": _long(
        "The lighthouse of Lindhaven was lit for the first time in 1874. Its keeper's log says: \"Wind & fog, "
        'two ships in sight."\nIt has been automatic since 1981; the lamp can be seen from a distance of 19 km.\n\n'
    ),
    "markdown": _long(
        "## The lighthouse\n\nThe *lighthouse* of **Lindhaven** was lit in 1874. See [its log](https://log.example/1874)."
        "\n\n- automatic since `1981`\n- seen from 19 km\n\n> Wind & fog, two ships in sight.\n\n"
    ),
    "html": _long(
        "<h2>The lighthouse</h2><p>The <em>lighthouse</em> of <strong>Lindhaven</strong> was lit in 1874. See "
        '<a href="https://log.example/1874">its log</a>.</p><ul><li>automatic since 1981</li></ul>'
    ),
}
