"""Roman numerals from 1 to 3999, in their one standard spelling."""

SMALLEST = 1
LARGEST = 3999

_SYMBOLS = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def to_roman(number: int) -> str:
    """The numeral of a number; ValueError outside of 1 to 3999."""
    if not SMALLEST <= number <= LARGEST:
        raise ValueError(f"{number} has no Roman numeral; use {SMALLEST} to {LARGEST}")
    text = ""
    for value, symbol in _SYMBOLS:
        count, number = divmod(number, value)
        text += symbol * count
    return text
