"""What was typed to find something, held against the words that stand there."""

import unicodedata

# Letters that are not an ASCII letter with a mark, as PostgreSQL's unaccent writes them.
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def plain(words: str) -> str:
    """Return the letters and digits of words without case and accents: "obrien" of "O’Brien"."""
    apart = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in apart if letter.isalnum()).translate(_LETTERS)


def words_of(typed: str) -> list[str]:
    """Return the words that were typed, each of which has to be found; a single letter begins what follows it.

    So "o brien" is one word, and "E. K." are the initials in that order.
    """
    found: list[str] = []
    for word in typed.split():
        if found and len(plain(found[-1])) == 1:
            found[-1] += word
        else:
            found.append(word)
    return found


def is_found(typed: str, *texts: str) -> bool:
    """Say whether each word that was typed stands in one of the texts, whatever its case, accents and punctuation.

    A word without letters and digits, such as "%", is looked for as it is. Nothing typed finds everything.
    """
    sought = words_of(typed)
    plainly = [plain(text) for text in texts] if sought else []
    return all(
        any(as_word in text for text in plainly) if (as_word := plain(word)) else any(word in text for text in texts)
        for word in sought
    )
