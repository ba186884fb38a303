import unittest

import roman_numerals


class WritesNumerals(unittest.TestCase):
    def test_writes_small_numbers(self):
        self.assertEqual(
            [roman_numerals.to_roman(number) for number in (1, 4, 9, 14)],
            ["I", "IV", "IX", "XIV"],
        )

    def test_refuses_what_has_no_numeral(self):
        for number in (0, -1, 4000):
            with self.subTest(number=number), self.assertRaises(ValueError):
                roman_numerals.to_roman(number)


class ReadsNumerals(unittest.TestCase):
    def test_reads_plain_and_subtractive_numerals(self):
        self.assertEqual(roman_numerals.from_roman("VIII"), 8)
        self.assertEqual(roman_numerals.from_roman("XLII"), 42)
        self.assertEqual(roman_numerals.from_roman("MCMXCIV"), 1994)

    def test_reads_lower_case(self):
        self.assertEqual(roman_numerals.from_roman("mmxxvi"), 2026)

    def test_reads_everything_that_is_written(self):
        for number in range(1, 4000):
            self.assertEqual(roman_numerals.from_roman(roman_numerals.to_roman(number)), number)

    def test_refuses_what_is_never_written(self):
        for text in ("", " ", "IIII", "VX", "IC", "VV", "IIX", "MMMM", "ABC", "X I"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                roman_numerals.from_roman(text)


if __name__ == "__main__":
    unittest.main()
